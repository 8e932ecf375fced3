#include "cli/details.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

void describe_labels(Details& details, const Json& labels) {
  if (!labels.is_object() || labels.empty()) return details.pair(0, "Labels", "<none>");
  std::string first = "Labels:";
  for (const auto& [key, value] : labels.items()) {
    details.line(0, {first, printable(key) + "=" + text(value, "")});
    first.clear();
  }
}

void describe_quantities(Details& details, const std::string& label, const Json& quantities) {
  details.title(0, label);
  for (const auto& [key, value] : quantities.items())
    details.pair(1, printable(key), text(value, ""));
}

void describe_pods(Details& details, const std::vector<Json>& pods, WallTime now) {
  details.end_block();
  details.title(0, "Pods");
  details.line(1, {"Namespace", "Name", "Phase", "Age"});
  details.line(1, {"---------", "----", "-----", "---"});
  for (const Json& pod : pods)
    details.line(
        1, {text(pod, "metadata.namespace"), text(pod, "metadata.name"), text(pod, "status.phase"),
            age(raw_text(pod, "metadata.creationTimestamp"), now)});
}

}  // namespace

std::string describe_node(const Json& node, const std::vector<Json>& pods, WallTime now) {
  Details details;
  details.pair(0, "Name", text(node, "metadata.name"));
  details.pair(0, "Roles", "<none>");
  describe_labels(details, field(node, "metadata.labels"));
  details.pair(0, "CreationTimestamp", local_time(raw_text(node, "metadata.creationTimestamp")));
  details.title(0, "Conditions");
  for (const Json& condition : list(node, "status.conditions"))
    details.pair(1, text(condition, "type"),
                 text(condition, "status") + " (" + text(condition, "message") + ")");
  details.title(0, "Addresses");
  for (const Json& address : list(node, "status.addresses"))
    details.pair(1, text(address, "type"), text(address, "address"));
  describe_quantities(details, "Capacity", field(node, "status.capacity"));
  describe_quantities(details, "Allocatable", field(node, "status.allocatable"));
  details.title(0, "System Info");
  for (const auto& [key, value] : field(node, "status.nodeInfo").items())
    details.pair(1, printable(key), text(value, ""));
  describe_pods(details, pods, now);
  return details.take_text();
}

}  // namespace podvisor::cli
