#include "state/state_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <iterator>
#include <utility>

#include "state/files.h"

namespace podvisor {
namespace {

constexpr const char* kPodFile = "pod.json";
constexpr const char* kStateFile = "state.json";
constexpr std::array kDirectories = {"pods", "rollouts", "objects", "sources"};

std::size_t digest(const std::string& body) { return std::hash<std::string>()(body); }

/// Nobody else's directory is taken for a pod's.
bool is_uid(const std::string& name) {
  return !name.empty() && name.find_first_not_of("0123456789abcdef-") == std::string::npos;
}

std::string object_file(const PodUid& uid) { return uid + ".json"; }

Status sync_now(const Fd& written) {
  return ::fsync(written.get()) == 0 ? Status() : errno_error("fsync", errno);
}

Result<Fd> another(int descriptor) {
  Fd copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  if (!copy) return errno_error("dup", errno);
  return copy;
}

}  // namespace

Result<std::unique_ptr<StateDirectory>> StateDirectory::open(const std::string& state_dir,
                                                             const Clock& clock) {
  Fd root(::open(state_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return errno_error("open the state directory " + state_dir, errno);
  std::vector<Fd> opened;
  for (const char* name : kDirectories) {
    auto directory = state::open_directory(root.get(), name);
    if (!directory) return make_error(state_dir + ": " + directory.error().message);
    opened.push_back(std::move(*directory));
  }
  return std::unique_ptr<StateDirectory>(
      new StateDirectory(std::move(opened[0]), std::move(opened[1]), std::move(opened[2]),
                         std::move(opened[3]), clock));
}

StateDirectory::StateDirectory(Fd pods, Fd rollouts, Fd objects, Fd sources, const Clock& clock)
    : pods_(std::move(pods)),
      rollouts_(std::move(rollouts)),
      objects_(std::move(objects)),
      sources_(std::move(sources)),
      clock_(clock),
      boot_(state::this_boot()),
      sync_(sync_now) {}

state::Stamp StateDirectory::stamp() const { return {boot_, clock_.now()}; }

void StateDirectory::write(const std::string& name, Write write) {
  const Status written = write();
  if (written) return drop_unwritten(name);
  unwritten_.insert_or_assign(name, std::move(write));
  if (failed_) failed_(written.error());
}

bool StateDirectory::retry() {
  for (auto next = unwritten_.begin(); next != unwritten_.end();) {
    const Status written = next->second();
    next = written ? unwritten_.erase(next) : std::next(next);
    if (!written && failed_) failed_(written.error());
  }
  return unwritten_.empty();
}

void StateDirectory::write_pod(const Pod& pod, const PodRecord& facts, const PodState& state) {
  const PodUid& uid = pod.metadata.uid;
  const std::string name = "pods/" + uid;
  std::string body = state::state_body(facts, state);
  const auto known = pod_digests_.find(uid);
  const bool first = known == pod_digests_.end();
  // Also if what came in between could not be written.
  if (!first && known->second == digest(body)) return drop_unwritten(name);
  std::string text = first ? state::pod_text(pod) : std::string();
  const bool ended = state.stage == PodState::Stage::Ended;
  write(name, [this, uid, text = std::move(text), body = std::move(body), ended] {
    Status written = write_state(uid, text, body, ended);
    if (written) pod_digests_[uid] = digest(body);
    return written;
  });
}

Status StateDirectory::keep(int directory, const std::string& name, const std::string& text) const {
  Result<Fd> written = state::replace_file(directory, name, text);
  if (!written) return tl::unexpected(written.error());
  const Status synced = sync_(std::move(*written));
  return synced ? sync_directory(directory) : synced;
}

Status StateDirectory::sync_directory(int directory) const {
  Result<Fd> copy = another(directory);
  return copy ? sync_(std::move(*copy)) : tl::unexpected(copy.error());
}

Status StateDirectory::write_state(const PodUid& uid, const std::string& pod_text,
                                   const std::string& body, bool ended) {
  auto directory = state::open_directory(pods_.get(), uid);
  if (!directory) return tl::unexpected(directory.error());
  if (!pod_text.empty()) {
    Status kept = keep(directory->get(), kPodFile, pod_text);
    if (kept) kept = sync_directory(pods_.get());
    if (!kept) return kept;
  }
  const std::string text = state::state_text(body, stamp());
  return ended ? keep(directory->get(), kStateFile, text)
               : state::rewrite_file(directory->get(), kStateFile, text);
}

void StateDirectory::forget_pod(const PodUid& pod) {
  pod_digests_.erase(pod);
  drop_unwritten("pods/" + pod);
}

void StateDirectory::write_rollout(const RolloutRecord& record) {
  std::string body = state::rollout_body(record);
  const std::pair name(record.namespace_, record.name);
  const std::string place = "rollouts/" + name.first + "/" + name.second;
  const auto known = rollout_digests_.find(name);
  if (known != rollout_digests_.end() && known->second == digest(body))
    return drop_unwritten(place);
  write(place, [this, name, body = std::move(body)]() -> Status {
    auto directory = state::open_directory(rollouts_.get(), name.first);
    if (!directory) return tl::unexpected(directory.error());
    const std::string text = state::rollout_text(body, stamp());
    Status written = keep(directory->get(), name.second, text);
    if (written) rollout_digests_[name] = digest(body);
    return written;
  });
}

void StateDirectory::forget_rollout(const std::string& namespace_, const std::string& name) {
  rollout_digests_.erase({namespace_, name});
  write("rollouts/" + namespace_ + "/" + name, [this, namespace_, name]() -> Status {
    const auto directory = state::open_directory(rollouts_.get(), namespace_);
    if (!directory) return {};
    Status removed = state::remove_file(directory->get(), name);
    ::unlinkat(rollouts_.get(), namespace_.c_str(), AT_REMOVEDIR);  // unless others are in it
    return removed;
  });
}

void StateDirectory::write_object(const ObjectRecord& record) {
  write("objects/" + record.uid, [this, record] {
    return keep(objects_.get(), object_file(record.uid), state::object_text(record));
  });
}

void StateDirectory::forget_object(const PodUid& uid) {
  write("objects/" + uid,
        [this, uid] { return state::remove_file(objects_.get(), object_file(uid)); });
}

void StateDirectory::write_source(const SourceRecord& record) {
  write("sources/" + record.file,
        [this, record] { return keep(sources_.get(), record.file, state::source_text(record)); });
}

void StateDirectory::forget_source(const std::string& file) {
  write("sources/" + file, [this, file] { return state::remove_file(sources_.get(), file); });
}

/// What `read` makes of the file; nothing if there is none, or if it had to be set aside.
template <typename Read>
auto StateDirectory::take(int directory, const std::string& name, const std::string& place,
                          const PodUid& pod, Kept& kept, const Read& read) {
  using Value = typename std::invoke_result_t<Read, std::string>::value_type;
  const Result<std::string> text = state::read_file(directory, name);
  if (!text && text.error().error_number == ENOENT) return std::optional<Value>();
  auto value = text ? read(*text) : Result<Value>(tl::unexpected(text.error()));
  if (value) return std::optional<Value>(std::move(*value));
  const Status moved = state::set_aside(directory, name);
  kept.troubles.push_back({pod, place + " cannot be used: " + value.error().message +
                                    (moved ? "; it was set aside as " + name + ".set-aside"
                                           : "; " + moved.error().message)});
  return std::optional<Value>();
}

std::string StateDirectory::set_aside_state(const PodUid& pod) {
  const auto directory = state::open_directory(pods_.get(), pod);
  const Status moved = directory ? state::set_aside(directory->get(), kStateFile)
                                 : Status(tl::unexpected(directory.error()));
  return moved ? std::string("it was set aside as ") + kStateFile + ".set-aside"
               : moved.error().message;
}

void StateDirectory::read_pod(const PodUid& uid, Kept& kept) {
  const auto directory = state::open_directory(pods_.get(), uid);
  if (!directory) return;
  const std::string place = "pods/" + uid + "/";
  const std::size_t before = kept.troubles.size();
  const auto with_its_uid = [&](const std::string& text) -> Result<state::PodFile> {
    auto file = state::read_pod(text);
    if (file && file->uid != uid) return make_error("it is about another pod");
    return file;
  };
  auto file = take(directory->get(), kPodFile, place + kPodFile, uid, kept, with_its_uid);
  const bool lost = kept.troubles.size() != before;
  if (!file && !lost) return;       // nothing was ever admitted under that name
  if (file) pod_digests_[uid] = 0;  // the pod is written down; its state is with the next step
  KeptPod pod;
  pod.file = file ? std::move(*file) : state::PodFile{uid, "", {}, 0};
  pod.now = take(directory->get(), kStateFile, place + kStateFile, uid, kept,
                 [&](const std::string& text) { return state::read_state(text, stamp()); });
  kept.pods.push_back(std::move(pod));
}

/// A kill within a write leaves a file which the next write to its directory replaces, and one
/// within a removal an empty directory. There may be no next: then they would outlive the last pod.
void StateDirectory::remove_unfinished() const {
  for (const Fd* each : {&objects_, &sources_}) state::remove_unfinished(each->get());
  for (const std::string& namespace_ : state::names_in(rollouts_.get())) {
    const auto directory = state::open_directory(rollouts_.get(), namespace_);
    if (directory) state::remove_unfinished(directory->get());
    ::unlinkat(rollouts_.get(), namespace_.c_str(), AT_REMOVEDIR);  // unless there are others
  }
}

Kept StateDirectory::read() {
  remove_unfinished();
  Kept kept;
  for (const std::string& uid : state::names_in(pods_.get()))
    if (is_uid(uid)) read_pod(uid, kept);
  for (const std::string& namespace_ : state::names_in(rollouts_.get())) {
    const auto directory = state::open_directory(rollouts_.get(), namespace_);
    if (!directory) continue;
    for (const std::string& name : state::names_in(directory->get())) {
      auto record =
          take(directory->get(), name, "rollouts/" + namespace_ + "/" + name, "", kept,
               [&](const std::string& text) { return state::read_rollout(text, stamp()); });
      if (record) kept.rollouts.push_back(std::move(*record));
    }
  }
  for (const std::string& name : state::names_in(objects_.get())) {
    auto record = take(objects_.get(), name, "objects/" + name, "", kept, state::read_object);
    if (record) kept.objects.push_back(std::move(*record));
  }
  for (const std::string& name : state::names_in(sources_.get())) {
    auto record = take(sources_.get(), name, "sources/" + name, "", kept, state::read_source);
    if (record) kept.sources.push_back(std::move(*record));
  }
  return kept;
}

void StateDirectory::remove_empty(const std::string& state_dir) {
  for (const char* name : kDirectories) ::rmdir((state_dir + "/" + name).c_str());
}

}  // namespace podvisor
