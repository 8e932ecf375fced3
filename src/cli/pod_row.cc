#include "cli/pod_row.h"

#include <algorithm>

#include "cli/resource.h"
#include "cli/row.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

bool condition_is_true(const Json& pod, const std::string& type) {
  return raw_text(find_named(pod, "status.conditions", type, "type"), "status") == "True";
}

bool is_sidecar(const Json& pod, const Json& status) {
  const Json& container = find_named(pod, "spec.initContainers", raw_text(status, "name"));
  return raw_text(container, "restartPolicy") == "Always";
}

/// "OOMKilled", or what the exit code says where no reason is given.
std::string termination_reason(const Json& terminated) {
  if (const std::string reason = text(terminated, "reason"); !reason.empty()) return reason;
  if (const auto signal = number(terminated, "signal"); signal != 0)
    return "Signal:" + std::to_string(signal);
  return "ExitCode:" + std::to_string(number(terminated, "exitCode"));
}

struct Restarts {
  std::int64_t count = 0;
  std::string last;  ///< RFC 3339 in UTC: compares as text

  void add(const Json& status) {
    count += number(status, "restartCount");
    last = std::max(last, raw_text(status, "lastState.terminated.finishedAt"));
  }
};

class Summary {
 public:
  explicit Summary(const Json& pod) : pod_(pod) {
    reason_ = text_or(pod, "status.reason", text(pod, "status.phase"));
    total_ = list(pod, "spec.containers").size();
    for (const Json& container : list(pod, "spec.initContainers"))
      if (raw_text(container, "restartPolicy") == "Always") ++total_;
  }

  PodRow row(WallTime now) {
    const bool initializing = summarize_init();
    if (!initializing || condition_is_true(pod_, "Initialized")) summarize_containers();
    if (has(pod_, "metadata.deletionTimestamp") && !finished()) reason_ = "Terminating";
    return {text(pod_, "metadata.name"), std::to_string(ready_) + "/" + std::to_string(total_),
            reason_, restarts_text(now), age_of(pod_, now)};
  }

 private:
  [[nodiscard]] bool finished() const {
    const std::string phase = raw_text(pod_, "status.phase");
    return phase == "Succeeded" || phase == "Failed";
  }

  /// True when an init container still holds the pod up; reason_ then says which.
  bool summarize_init() {
    const Json& statuses = list(pod_, "status.initContainerStatuses");
    for (std::size_t i = 0; i < statuses.size(); ++i) {
      const Json& status = statuses[i];
      const bool sidecar = is_sidecar(pod_, status);
      restarts_.add(status);
      if (sidecar) sidecar_restarts_.add(status);
      if (has(status, "state.terminated") && number(status, "state.terminated.exitCode") == 0)
        continue;
      if (sidecar && flag(status, "started")) {
        if (flag(status, "ready")) ++ready_;
        continue;
      }
      reason_ = "Init:" + init_reason(status, i);
      return true;
    }
    return false;
  }

  [[nodiscard]] std::string init_reason(const Json& status, std::size_t index) const {
    if (has(status, "state.terminated"))
      return termination_reason(field(status, "state.terminated"));
    const std::string waiting = text(status, "state.waiting.reason");
    if (!waiting.empty() && waiting != "PodInitializing") return waiting;
    return std::to_string(index) + "/" + std::to_string(list(pod_, "spec.initContainers").size());
  }

  void summarize_containers() {
    restarts_ = sidecar_restarts_;
    bool any_running = false;
    const Json& statuses = list(pod_, "status.containerStatuses");
    for (auto status = statuses.rbegin(); status != statuses.rend(); ++status) {
      restarts_.add(*status);
      if (const std::string waiting = text(*status, "state.waiting.reason"); !waiting.empty()) {
        reason_ = waiting;
      } else if (has(*status, "state.terminated")) {
        reason_ = termination_reason(field(*status, "state.terminated"));
      } else if (flag(*status, "ready") && has(*status, "state.running")) {
        any_running = true;
        ++ready_;
      }
    }
    if (reason_ == "Completed" && any_running)
      reason_ = condition_is_true(pod_, "Ready") ? "Running" : "NotReady";
  }

  [[nodiscard]] std::string restarts_text(WallTime now) const {
    std::string count = std::to_string(restarts_.count);
    if (restarts_.count == 0 || restarts_.last.empty()) return count;
    return count + " (" + age(restarts_.last, now) + " ago)";
  }

  const Json& pod_;
  std::string reason_;
  std::size_t total_ = 0;
  std::size_t ready_ = 0;
  Restarts restarts_;
  Restarts sidecar_restarts_;
};

std::string pod_ip(const Json& pod) {
  const Json& addresses = list(pod, "status.podIPs");
  if (!addresses.empty()) return text_or(addresses[0], "ip", "<none>");
  return text_or(pod, "status.podIP", "<none>");
}

std::string readiness_gates(const Json& pod) {
  const Json& gates = list(pod, "spec.readinessGates");
  if (gates.empty()) return "<none>";
  const auto open = std::count_if(gates.begin(), gates.end(), [&](const Json& gate) {
    return condition_is_true(pod, raw_text(gate, "conditionType"));
  });
  return std::to_string(open) + "/" + std::to_string(gates.size());
}

std::vector<std::string> pod_header(RowColumns columns) {
  std::vector<std::string> cells{"NAME", "READY", "STATUS", "RESTARTS", "AGE"};
  if (columns.wide) cells.insert(cells.end(), {"IP", "NODE", "NOMINATED NODE", "READINESS GATES"});
  return common_header(columns, std::move(cells));
}

std::vector<std::string> pod_cells(const Json& pod, RowColumns columns, WallTime now) {
  const PodRow row = pod_row(pod, now);
  std::vector<std::string> cells{row.name, row.ready, row.status, row.restarts, row.age};
  if (columns.wide)
    cells.insert(cells.end(),
                 {pod_ip(pod), text_or(pod, "spec.nodeName", "<none>"),
                  text_or(pod, "status.nominatedNodeName", "<none>"), readiness_gates(pod)});
  return with_common(pod, columns, std::move(cells));
}

}  // namespace

PodRow pod_row(const Json& pod, WallTime now) { return Summary(pod).row(now); }

const Resource kPods = {"pod", "pods", "po", true, pod_header, pod_cells};

}  // namespace podvisor::cli
