#include "daemon/change_hook.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

namespace podvisor {
namespace {

constexpr Duration kHookRetry = std::chrono::seconds(1);
constexpr Duration kLimit = std::chrono::seconds(30);  // of one run

std::string document(const Pod& pod, const std::string& ip, bool ready) {
  nlohmann::ordered_json ports = nlohmann::ordered_json::array();
  for (const Container& container : pod.spec.containers)
    for (const ContainerPort& port : container.ports)
      ports.push_back({{"name", port.name},
                       {"containerPort", port.container_port},
                       {"protocol", port.protocol}});
  const ObjectMeta& meta = pod.metadata;
  return nlohmann::ordered_json{{"namespace", meta.namespace_},
                                {"name", meta.name},
                                {"uid", meta.uid},
                                {"podIP", ip},
                                {"ready", ready},
                                {"ports", std::move(ports)},
                                {"labels", meta.labels}}
             .dump() +
         "\n";
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

std::vector<std::string> environment() {
  const char* path = std::getenv("PATH");
  return {std::string("PATH=") + (path != nullptr ? path : "/usr/sbin:/usr/bin:/sbin:/bin")};
}

}  // namespace

ChangeHook::ChangeHook(Loop& loop, ObjectStore& store, EventSink& events, std::string program)
    : loop_(loop),
      store_(store),
      events_(events),
      program_(std::move(program)),
      next_timer_(loop, [this] { run_next(); }),
      limit_timer_(loop,
                   [this] {
                     if (child_) child_->kill(SIGKILL);
                   }),
      watch_(store.watch_instances(
          [this](ChangeType type, const PodObject& object) { observe(type, object); })) {}

ChangeHook::~ChangeHook() { store_.unwatch(watch_); }

void ChangeHook::observe(ChangeType type, const PodObject& object) {
  const PodUid& uid = object.pod->metadata.uid;
  const bool gone = type == ChangeType::Deleted || object.deletion_timestamp;
  const auto known = told_.find(uid);
  const bool ready =
      !gone && (gets_traffic(object) || (known != told_.end() && known->second.promised));
  if (known == told_.end() && !ready) return;  // nobody has heard of it
  Told& told = told_[uid];
  told.pod = object.pod;
  told.ip = object.status.pod_ip;
  told.promised = told.promised && !gone;
  told.gone = type == ChangeType::Deleted;
  want(told, ready);
  settle(uid);
}

void ChangeHook::tell(const Pod& pod, bool ready, Done done) {
  const PodUid& uid = pod.metadata.uid;
  if (!ready && !told_.contains(uid)) return done();
  Told& told = told_[uid];
  if (const PodObject* object = store_.find_instance(pod)) {
    told.pod = object->pod;
    told.ip = object->status.pod_ip;
  }
  if (told.pod == nullptr) told.pod = std::make_shared<const Pod>(pod);
  told.promised = ready;
  want(told, ready);
  told.waiting.push_back(std::move(done));
  settle(uid);
}

/// Who waited for the contrary waits for nothing any more.
void ChangeHook::want(Told& told, bool ready) {
  if (std::exchange(told.wanted, ready) != ready) told.waiting.clear();
}

/// Either it has been told so, or it is to be.
void ChangeHook::settle(const PodUid& uid) {
  const auto found = told_.find(uid);
  Told& told = found->second;
  if (told.last != told.wanted) {
    enqueue(uid);
    return run_next();
  }
  std::erase(queue_, uid);  // it was asked for again while the program ran
  const std::vector<Done> waiting = std::exchange(told.waiting, {});
  if (told.gone) told_.erase(found);
  for (const Done& done : waiting) done();
}

void ChangeHook::enqueue(const PodUid& uid) {
  if (std::ranges::find(queue_, uid) == queue_.end()) queue_.push_back(uid);
}

void ChangeHook::run_next() {
  if (running_ || next_timer_.active() || queue_.empty()) return;
  const PodUid uid = std::move(queue_.front());
  queue_.pop_front();
  const Told& told = told_.at(uid);
  const bool ready = told.wanted;
  auto child = ChildProcess::start(
      loop_,
      {.argv = {program_}, .env = environment(), .input = document(*told.pod, told.ip, ready)},
      [this, uid, ready](const ChildEnd& end) { on_end(uid, ready, end); });
  if (!child) return failed(uid, child.error().message);
  child_ = std::move(*child);
  running_ = true;
  limit_timer_.start(kLimit);
}

void ChangeHook::on_end(const PodUid& uid, bool ready, const ChildEnd& end) {
  running_ = false;
  limit_timer_.stop();
  if (end.exit_code != 0)
    return failed(uid, program_ + " ended with " + std::to_string(end.exit_code) +
                           (end.err.empty() ? "" : ": " + last_line(end.err)));
  told_.at(uid).last = ready;
  next_timer_.start(Duration(0));  // the child that calls must not be replaced yet
  settle(uid);
}

void ChangeHook::failed(const PodUid& uid, const std::string& why) {
  enqueue(uid);
  next_timer_.start(kHookRetry);
  events_.post(uid, pod_event::Noted{true, "ChangeHookFailed", why + "; it will be tried again",
                                     std::nullopt});
}

}  // namespace podvisor
