#include "cli/follow_object.h"

#include <chrono>
#include <thread>

#include "cli/api_path.h"

namespace podvisor::cli {
namespace {

std::optional<Duration> remaining(std::optional<TimePoint> deadline) {
  if (!deadline) return std::nullopt;
  return *deadline - std::chrono::steady_clock::now();
}

std::string selecting(const Followed& wanted, Query query) {
  query.emplace_back("fieldSelector", "metadata.name=" + wanted.name);
  return list_path(wanted.namespace_, wanted.plural, query);
}

/// Where things stand, and the version of the whole list to watch from: the pod's own may be older
/// than what the server remembers.
struct Standing {
  bool done = false;
  std::string resource_version;
};

Result<Standing> look(ApiClient& client, const Followed& wanted) {
  const Result<Json> found = get_object(client, selecting(wanted, {}));
  if (!found) return tl::unexpected(found.error());
  const Json& pods = list(*found, "items");
  const std::string version = raw_text(*found, "metadata.resourceVersion");
  if (!pods.empty()) return Standing{wanted.done(pods.front()), version};
  if (wanted.gone_is_done) return Standing{true, version};
  // The server has the words for it. Should the pod be there after all, it has only just come.
  return get_object(client, object_path(wanted.namespace_, wanted.plural, wanted.name))
      .map([&](const Json& pod) {
        return Standing{wanted.done(pod), version};
      });
}

/// True: done. False: it is to be looked at again.
Result<bool> watch_once(ApiClient& client, const Followed& wanted,
                        const std::string& resource_version, std::optional<Duration> timeout) {
  bool done = false;
  const auto on_event = [&](const std::string& type, const Json& pod) {
    if (raw_text(pod, "metadata.name") != wanted.name) return true;
    // `podvisor run` ends with its last pod: there may be nobody left to ask again.
    done = type == "DELETED" ? wanted.gone_is_done : wanted.done(pod);
    if (type == "DELETED") return false;
    return !done;
  };
  const std::string path =
      selecting(wanted, {{"watch", "true"}, {"resourceVersion", resource_version}});
  const Result<WatchEnd> end = watch(client, path, on_event, timeout);
  if (!end) return tl::unexpected(end.error());
  return done;
}

}  // namespace

Result<FollowEnd> follow_object(ApiClient& client, const Followed& wanted,
                                std::optional<TimePoint> deadline) {
  constexpr std::chrono::milliseconds kBetweenWatches{100};
  for (;;) {
    const Result<Standing> now = look(client, wanted);
    if (!now) return tl::unexpected(now.error());
    if (now->done) return FollowEnd::Done;
    if (deadline && *remaining(deadline) <= Duration{0}) return FollowEnd::TimedOut;
    const Result<bool> done =
        watch_once(client, wanted, now->resource_version, remaining(deadline));
    if (!done) return tl::unexpected(done.error());
    if (*done) return FollowEnd::Done;
    if (deadline && *remaining(deadline) <= Duration{0}) return FollowEnd::TimedOut;
    std::this_thread::sleep_for(kBetweenWatches);
  }
}

}  // namespace podvisor::cli
