#include "api/log_options.h"

#include <algorithm>
#include <charconv>

#include "api/parameters.h"
#include "log/cri_line.h"

namespace podvisor {
namespace {

/// Seconds back that still fit into a WallTime.
constexpr std::int64_t kLongestAgo = std::int64_t{50} * 365 * 24 * 60 * 60;

Result<std::optional<std::int64_t>> at_least(const HttpRequest& request, const std::string& name,
                                             std::int64_t least) {
  auto value = integer_parameter(request, name);
  if (value && *value && **value < least)
    return make_error(name + ": Invalid value: " + std::to_string(**value) +
                      ": must be greater than or equal to " + std::to_string(least));
  return value;
}

Result<std::optional<WallTime>> parse_since(const HttpRequest& request, WallTime now) {
  const auto seconds = at_least(request, "sinceSeconds", 1);
  if (!seconds) return tl::unexpected(seconds.error());
  const auto time = request.parameter("sinceTime");
  if (*seconds && time)
    return make_error("at most one of `sinceTime` or `sinceSeconds` may be specified");
  if (*seconds) return now - Seconds(std::min(**seconds, kLongestAgo));
  if (!time) return std::nullopt;
  const auto parsed = parse_cri_time(*time);
  if (!parsed)
    return make_error("sinceTime: Invalid value: \"" + *time + "\": must be an RFC 3339 time");
  return parsed;
}

const ContainerStatus* find_status(const PodStatus& status, const std::string& container) {
  for (const auto* list : {&status.container_statuses, &status.init_container_statuses})
    for (const ContainerStatus& candidate : *list)
      if (candidate.name == container) return &candidate;
  return nullptr;
}

std::string bracketed(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) text += (text.size() > 1 ? " " : "") + name;
  return text + "]";
}

std::string quoted_place(const std::string& container, const PodObject& pod) {
  return "container \"" + container + "\" in pod \"" + pod.pod->metadata.name + "\"";
}

/// "podvisor://UID/NAME/INSTANCE"
std::optional<LogInstance> parse_instance(const std::string& container_id) {
  const auto slash = container_id.rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  LogInstance found{container_id, 0};
  const char* end = container_id.data() + container_id.size();
  const auto [parsed, error] =
      std::from_chars(container_id.data() + slash + 1, end, found.instance);
  if (error != std::errc() || parsed != end) return std::nullopt;
  return found;
}

std::optional<LogInstance> last_instance(const ContainerStatus& status) {
  return status.last_state ? parse_instance(status.last_state->container_id) : std::nullopt;
}

std::optional<LogInstance> current_instance(const ContainerStatus& status) {
  if (std::holds_alternative<ContainerStateRunning>(status.state))
    return parse_instance(status.container_id);
  const auto* terminated = std::get_if<ContainerStateTerminated>(&status.state);
  const auto ended = terminated ? parse_instance(terminated->container_id) : std::nullopt;
  return ended ? ended : last_instance(status);
}

}  // namespace

Result<LogOptions> parse_log_options(const HttpRequest& request, WallTime now) {
  LogOptions options;
  options.container = request.parameter("container").value_or("");
  options.follow = flag_parameter(request, "follow");
  options.previous = flag_parameter(request, "previous");
  options.query.timestamps = flag_parameter(request, "timestamps");
  const auto tail_lines = at_least(request, "tailLines", 0);
  if (!tail_lines) return tl::unexpected(tail_lines.error());
  const auto limit_bytes = at_least(request, "limitBytes", 1);
  if (!limit_bytes) return tl::unexpected(limit_bytes.error());
  const auto since = parse_since(request, now);
  if (!since) return tl::unexpected(since.error());
  options.query.tail_lines = *tail_lines;
  options.query.limit_bytes = *limit_bytes;
  options.query.since = *since;
  options.query.as_it_is = !options.follow;
  return options;
}

Result<std::string> choose_container(const Pod& pod, const std::string& asked) {
  std::vector<std::string> regular, init;
  for (const Container& container : pod.spec.containers)
    (container.role == ContainerRole::Regular ? regular : init).push_back(container.name);
  if (!asked.empty()) {
    const auto is_asked = [&](const Container& container) { return container.name == asked; };
    if (std::any_of(pod.spec.containers.begin(), pod.spec.containers.end(), is_asked)) return asked;
    return make_error("container " + asked + " is not valid for pod " + pod.metadata.name);
  }
  if (regular.size() + init.size() == 1) return pod.spec.containers.front().name;
  std::string message = "a container name must be specified for pod " + pod.metadata.name +
                        ", choose one of: " + bracketed(regular);
  if (!init.empty()) message += " or one of the init containers: " + bracketed(init);
  return make_error(message);
}

Result<LogInstance> choose_instance(const PodObject& pod, const LogOptions& options) {
  const std::string place = quoted_place(options.container, pod);
  const ContainerStatus* status = find_status(pod.status, options.container);
  if (!status) return make_error(place + " is not available");
  if (options.previous) {
    if (const auto found = last_instance(*status)) return *found;
    return make_error("previous terminated " + place + " not found");
  }
  if (const auto found = current_instance(*status)) return *found;
  if (const auto* waiting = std::get_if<ContainerStateWaiting>(&status->state))
    return make_error(place + " is waiting to start: " + waiting->reason);
  return make_error(place + " is terminated");
}

bool is_running(const PodStatus& status, const std::string& container,
                const std::string& container_id) {
  const ContainerStatus* found = find_status(status, container);
  return found && found->container_id == container_id &&
         std::holds_alternative<ContainerStateRunning>(found->state);
}

}  // namespace podvisor
