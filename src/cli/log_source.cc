#include "cli/log_source.h"

#include "cli/text.h"

namespace podvisor::cli {
namespace {

constexpr const char* kDefaultContainer = "kubectl.kubernetes.io/default-container";

/// The container meant when none is named.
std::string default_container(const Json& pod) {
  const Json& annotations = field(pod, "metadata.annotations");
  const auto found = annotations.find(kDefaultContainer);
  if (annotations.is_object() && found != annotations.end()) {
    std::string chosen = raw_text(*found, "");
    if (!find_named(pod, "spec.containers", chosen).is_null()) return chosen;
  }
  const Json& containers = list(pod, "spec.containers");
  return containers.empty() ? "" : raw_text(containers.front(), "name");
}

/// Where there is a choice.
std::string choice_note(const Json& pod, const std::string& chosen) {
  std::string others;
  for (const Json& container : list(pod, "spec.containers"))
    others += (others.empty() ? "" : ", ") + text(container, "name");
  for (const Json& container : list(pod, "spec.initContainers"))
    others += ", " + text(container, "name") + " (init)";
  if (others.find(',') == std::string::npos) return {};
  return "Defaulted container \"" + printable(chosen) + "\" out of: " + others + "\n";
}

}  // namespace

LogSources choose_logs(const Json& pod, const LogChoice& choice) {
  LogSources chosen;
  const std::string name = raw_text(pod, "metadata.name");
  if (choice.all_containers) {
    for (const char* kind : {"spec.initContainers", "spec.containers"})
      for (const Json& container : list(pod, kind))
        chosen.sources.push_back({name, raw_text(container, "name")});
  } else if (!choice.container.empty()) {
    chosen.sources.push_back({name, choice.container});
  } else {
    const std::string container = default_container(pod);
    chosen.sources.push_back({name, container});
    chosen.note = choice_note(pod, container);
  }
  return chosen;
}

}  // namespace podvisor::cli
