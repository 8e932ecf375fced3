// Names of states, events and actions, for people: logs, failing tests, `describe`.
#include <sstream>

#include "core/pod_turn.h"

namespace podvisor {
namespace {

std::string seconds_text(Duration seconds) {
  std::ostringstream out;
  out << std::chrono::duration<double>(seconds).count() << 's';
  return out.str();
}

/// "web#0": a container and its instance.
std::string name(const Pod& pod, const ContainerRef& ref) {
  const auto& containers = pod.spec.containers;
  const std::string who = ref.container < containers.size() ? containers[ref.container].name : "?";
  return who + "#" + std::to_string(ref.instance);
}

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Success:
      return "success";
    case Verdict::Warning:
      return "warning";
    case Verdict::Failure:
      return "failure";
    case Verdict::Error:
      break;
  }
  return "error";
}

struct DescribeEvent {
  const Pod& pod;
  std::string operator()(const pod_event::Admitted&) const { return "Admitted"; }
  std::string operator()(const pod_event::DeletionRequested& e) const {
    return "DeletionRequested{grace=" + std::to_string(e.grace_period.count()) + "s}";
  }
  std::string operator()(const pod_event::SandboxReady& e) const {
    return "SandboxReady{" + std::to_string(e.attempt) + " ip=" + e.pod_ip + "}";
  }
  std::string operator()(const pod_event::SandboxFailed& e) const {
    return "SandboxFailed{" + std::to_string(e.attempt) + " " + e.message + "}";
  }
  std::string operator()(const pod_event::SandboxDied& e) const {
    return "SandboxDied{" + std::to_string(e.attempt) + "}";
  }
  std::string operator()(const pod_event::SandboxAdopted& e) const {
    std::string text = "SandboxAdopted{" + std::to_string(e.attempt) + " ip=" + e.pod_ip;
    for (const ContainerRef& ref : e.found) text += " " + name(pod, ref);
    return text + "}";
  }
  std::string operator()(const pod_event::SandboxRemoved& e) const {
    return "SandboxRemoved{" + std::to_string(e.attempt) + "}";
  }
  std::string operator()(const pod_event::ContainerStarted& e) const {
    return "ContainerStarted{" + name(pod, e.ref) + " pid=" + std::to_string(e.pid) + "}";
  }
  std::string operator()(const pod_event::ContainerStartFailed& e) const {
    return "ContainerStartFailed{" + name(pod, e.ref) + " " + e.reason + ": " + e.message + "}";
  }
  std::string operator()(const pod_event::ContainerExited& e) const {
    return "ContainerExited{" + name(pod, e.ref) + " exit=" + std::to_string(e.exit_code) +
           (e.oom_kills > 0 ? " oom" : "") + "}";
  }
  std::string operator()(const pod_event::ContainerOomKilled& e) const {
    return "ContainerOomKilled{" + name(pod, e.ref) + " kills=" + std::to_string(e.kills) + "}";
  }
  std::string operator()(const pod_event::AttemptCompleted& e) const {
    return "AttemptCompleted{" + name(pod, e.ref) + " " + podvisor::to_string(e.kind) + " " +
           std::to_string(e.attempt_id) + " " + to_string(e.verdict) + "}";
  }
  std::string operator()(const pod_event::HookCompleted& e) const {
    return "HookCompleted{" + name(pod, e.ref) + " " + podvisor::to_string(e.hook) +
           (e.succeeded ? " succeeded}" : " failed: " + e.message + "}");
  }
  std::string operator()(const pod_event::TrafficDrained& e) const {
    return "TrafficDrained{" + std::to_string(e.attempt) + "}";
  }
  std::string operator()(const pod_event::NodeMatched&) const { return "NodeMatched"; }
  std::string operator()(const pod_event::ConfigChanged&) const { return "ConfigChanged"; }
  std::string operator()(const pod_event::NodeMismatched& e) const {
    return "NodeMismatched{" + e.message + "}";
  }
  std::string operator()(const pod_event::ConditionSet& e) const {
    return "ConditionSet{" + e.type + "=" + podvisor::to_string(e.status) + "}";
  }
  std::string operator()(const pod_event::Evicted& e) const { return "Evicted{" + e.message + "}"; }
  std::string operator()(const pod_event::ImagePulling& e) const {
    return "ImagePulling{" + name(pod, e.ref) + "}";
  }
  std::string operator()(const pod_event::ImagePulled& e) const {
    return "ImagePulled{" + name(pod, e.ref) + " " + e.message + "}";
  }
  std::string operator()(const pod_event::Noted& e) const {
    return "Noted{" + e.reason + " " + e.message + "}";
  }
  std::string operator()(const pod_event::ReplacementBegun&) const { return "ReplacementBegun"; }
  std::string operator()(const pod_event::ReplacementRefused& e) const {
    return "ReplacementRefused{" + e.why + "}";
  }
  std::string operator()(const pod_event::ReplacementEnded&) const { return "ReplacementEnded"; }
  std::string operator()(const pod_event::Tick&) const { return "Tick"; }
};

struct DescribeAction {
  const Pod& pod;
  std::string operator()(const pod_action::MakeSandbox& a) const {
    return "MakeSandbox{" + std::to_string(a.attempt) + "}";
  }
  std::string operator()(const pod_action::RemoveSandbox& a) const {
    return "RemoveSandbox{" + std::to_string(a.attempt) + "}";
  }
  std::string operator()(const pod_action::StartContainer& a) const {
    return "StartContainer{" + name(pod, a.ref) + "}";
  }
  std::string operator()(const pod_action::SignalContainer& a) const {
    return "SignalContainer{" + name(pod, a.ref) + " " + std::to_string(a.signal) + "}";
  }
  std::string operator()(const pod_action::DrainTraffic& a) const {
    return "DrainTraffic{" + std::to_string(a.attempt) + " timeout=" + go_duration(a.timeout) + "}";
  }
  std::string operator()(const pod_action::KillContainer& a) const {
    return "KillContainer{" + name(pod, a.ref) + "}";
  }
  std::string operator()(const pod_action::StartAttempt& a) const {
    return "StartAttempt{" + name(pod, a.ref) + " " + podvisor::to_string(a.kind) + " " +
           std::to_string(a.attempt_id) + "}";
  }
  std::string operator()(const pod_action::CancelAttempt& a) const {
    return "CancelAttempt{" + std::to_string(a.attempt_id) + "}";
  }
  std::string operator()(const pod_action::RunHook& a) const {
    return "RunHook{" + name(pod, a.ref) + " " + podvisor::to_string(a.hook) + "}";
  }
  std::string operator()(const pod_action::CancelHook& a) const {
    return "CancelHook{" + name(pod, a.ref) + " " + podvisor::to_string(a.hook) + "}";
  }
  std::string operator()(const pod_action::CountVerdict& a) const {
    return "CountVerdict{" + pod.spec.containers[a.container].name + " " +
           podvisor::to_string(a.kind) + " " + to_string(a.verdict) + " " +
           seconds_text(a.duration) + "}";
  }
  std::string operator()(const pod_action::CountPodRestart& a) const {
    return "CountPodRestart{" + std::string(podvisor::to_string(a.trigger)) + " " +
           pod.spec.containers[a.container].name + (a.surge ? " surge}" : "}");
  }
  std::string operator()(const pod_action::RequestReplacement&) const {
    return "RequestReplacement";
  }
  std::string operator()(const pod_action::WithdrawReplacement&) const {
    return "WithdrawReplacement";
  }
  std::string operator()(const pod_action::EmitEvent& a) const {
    const std::string about = a.container ? pod.spec.containers[*a.container].name + ": " : "";
    return std::string(a.warning ? "Warning{" : "Normal{") + about + a.reason + ": " + a.message +
           "}";
  }
  std::string operator()(const pod_action::ForgetPod&) const { return "ForgetPod"; }
};

}  // namespace

std::string describe(const Pod& pod, const PodEvent& event) {
  return std::visit(DescribeEvent{pod}, event);
}

std::string describe(const Pod& pod, const PodAction& action) {
  return std::visit(DescribeAction{pod}, action);
}

std::string go_duration(Duration duration) {
  const auto total = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  const std::string seconds = std::to_string(total % 60) + "s";
  if (total < 60) return seconds;
  const std::string minutes = std::to_string(total / 60 % 60) + "m";
  return total < 3600 ? minutes + seconds : std::to_string(total / 3600) + "h" + minutes + seconds;
}

const char* to_string(PodState::Stage stage) {
  switch (stage) {
    case PodState::Stage::Pending:
      return "Pending";
    case PodState::Stage::MakingSandbox:
      return "MakingSandbox";
    case PodState::Stage::Up:
      return "Up";
    case PodState::Stage::Restarting:
      return "Restarting";
    case PodState::Stage::Terminating:
      return "Terminating";
    case PodState::Stage::RemovingSandbox:
      return "RemovingSandbox";
    case PodState::Stage::Ended:
      break;
  }
  return "Ended";
}

const char* to_string(RestartTrigger trigger) {
  switch (trigger) {
    case RestartTrigger::Oom:
      return "oom";
    case RestartTrigger::Liveness:
      return "liveness";
    case RestartTrigger::Startup:
      return "startup";
    case RestartTrigger::Rule:
      return "rule";
    case RestartTrigger::Sandbox:
      break;
  }
  return "sandbox";
}

const char* to_string(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::Startup:
      return "Startup";
    case ProbeKind::Readiness:
      return "Readiness";
    case ProbeKind::Liveness:
      break;
  }
  return "Liveness";
}

const char* to_string(RestartPolicy policy) {
  switch (policy) {
    case RestartPolicy::Always:
      return "Always";
    case RestartPolicy::OnFailure:
      return "OnFailure";
    case RestartPolicy::Never:
      break;
  }
  return "Never";
}

}  // namespace podvisor
