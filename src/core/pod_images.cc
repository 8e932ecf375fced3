// Images that cannot be had (IMG): what the container says meanwhile, and when it is tried again.
#include <algorithm>
#include <array>

#include "core/pod_turn.h"
#include "core/sync_retry.h"

namespace podvisor {
namespace {

constexpr Duration kFirstPullDelay = std::chrono::seconds(10);  // IMG-2
constexpr Duration kMaxPullDelay = std::chrono::seconds(300);
/// The kubelet looks again about then; until it does, the reason is that of the pull itself.
constexpr Duration kNextLook = std::chrono::seconds(1);

constexpr std::array kPullReasons = {"ErrImagePull", "RegistryUnavailable",
                                     "SignatureValidationFailed"};
constexpr std::array kOtherReasons = {"ErrImageNeverPull", "InvalidImageName", "ImageInspectError"};

bool is_pull_reason(const std::string& reason) {
  return std::ranges::find(kPullReasons, reason) != kPullReasons.end();
}

/// Containers that share an image share its series: a second failure within the delay is the same
/// incident.
void note_failed_pull(Turn& turn, const std::string& image, std::string why) {
  PullBackoff& series = turn.state.pulls[image];
  series.why = std::move(why);
  const bool same = turn.now.monotonic < series.last_attempt + series.delay;
  if (series.delay != Duration{0} && same) return;
  series.delay =
      series.delay == Duration{0} ? kFirstPullDelay : std::min(series.delay * 2, kMaxPullDelay);
  series.last_attempt = turn.now.monotonic;
}

void tell(Turn& turn, ContainerIndex i, const std::string& reason, const std::string& message) {
  const std::string image = "\"" + turn.container(i).image + "\"";
  if (is_pull_reason(reason))
    turn.warn("Failed", "Failed to pull image " + image + ": " + message, i);  // EVT-3
  else if (reason == "ErrImageNeverPull")
    turn.warn(reason, "Container image " + image + " is not present with pull policy of Never", i);
  else
    turn.warn("InspectFailed", message, i);  // EVT-6
  turn.warn("Failed", "Error: " + reason, i);
}

}  // namespace

bool is_image_reason(const std::string& reason) {
  return is_pull_reason(reason) || std::ranges::find(kOtherReasons, reason) != kOtherReasons.end();
}

void on_image_failed(Turn& turn, ContainerIndex i, const std::string& reason,
                     const std::string& message) {
  tell(turn, i, reason, message);
  ContainerState& container = turn.state.containers[i];
  container.waiting_reason = reason;
  container.waiting_message = message;
  container.retry_at =
      turn.now.monotonic + (is_pull_reason(reason) ? kNextLook : sync_retry(turn.spec()));
  if (is_pull_reason(reason))
    note_failed_pull(turn, turn.container(i).image, reason + ": " + message);
}

bool refuse_pull(Turn& turn, ContainerIndex i) {
  const std::string& image = turn.container(i).image;
  const auto failed = turn.state.pulls.find(image);
  if (failed == turn.state.pulls.end() || turn.container(i).image_pull_policy == PullPolicy::Never)
    return false;
  const PullBackoff& series = failed->second;
  const TimePoint next = series.last_attempt + series.delay;
  if (next <= turn.now.monotonic) return false;
  ContainerState& container = turn.state.containers[i];
  container.retry_at = next;
  const std::string back_off = "Back-off pulling image \"" + image + "\"";
  container.waiting_message = back_off + ": " + series.why;  // IMG-1
  if (std::exchange(container.waiting_reason, "ImagePullBackOff") == "ImagePullBackOff")
    return true;
  turn.normal("BackOff", back_off, i);  // EVT-4
  turn.warn("Failed", "Error: ImagePullBackOff", i);
  return true;
}

}  // namespace podvisor
