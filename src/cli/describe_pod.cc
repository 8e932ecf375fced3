#include <vector>

#include "cli/details.h"
#include "cli/event_row.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

void describe_status(Details& details, const Json& pod, WallTime now) {
  const std::string phase = text(pod, "status.phase");
  const std::string deleted = raw_text(pod, "metadata.deletionTimestamp");
  if (!deleted.empty() && phase != "Failed" && phase != "Succeeded") {
    details.pair(0, "Status", "Terminating (lasts " + age(deleted, now) + ")");
    details.pair(0, "Termination Grace Period",
                 text(pod, "metadata.deletionGracePeriodSeconds") + "s");
  } else {
    details.pair(0, "Status", phase);
  }
  for (const auto& [label, path] :
       {std::pair{"Reason", "status.reason"}, std::pair{"Message", "status.message"}})
    if (const std::string value = text(pod, path); !value.empty()) details.pair(0, label, value);
}

void describe_addresses(Details& details, const Json& pod) {
  details.pair(0, "IP", text(pod, "status.podIP"));
  const Json& addresses = list(pod, "status.podIPs");
  if (addresses.empty()) {
    details.pair(0, "IPs", "<none>");
    return;
  }
  details.title(0, "IPs");
  for (const Json& address : addresses) details.pair(1, "IP", text(address, "ip"));
}

void describe_identity(Details& details, const Json& pod, WallTime now) {
  details.pair(0, "Name", text(pod, "metadata.name"));
  details.pair(0, "Namespace", text(pod, "metadata.namespace"));
  if (has(pod, "spec.priority")) details.pair(0, "Priority", text(pod, "spec.priority"));
  if (const std::string account = text(pod, "spec.serviceAccountName"); !account.empty())
    details.pair(0, "Service Account", account);
  const std::string node = text(pod, "spec.nodeName");
  details.pair(0, "Node", node.empty() ? "<none>" : node + "/" + text(pod, "status.hostIP"));
  if (has(pod, "status.startTime"))
    details.pair(0, "Start Time", local_time(raw_text(pod, "status.startTime")));
  describe_map(details, "Labels", field(pod, "metadata.labels"), "=");
  describe_map(details, "Annotations", field(pod, "metadata.annotations"), ": ");
  describe_status(details, pod, now);
  describe_addresses(details, pod);
  for (const Json& owner : list(pod, "metadata.ownerReferences"))
    if (field(owner, "controller") == true)
      details.pair(0, "Controlled By", text(owner, "kind") + "/" + text(owner, "name"));
}

void describe_containers(Details& details, const Json& pod, const std::string& label,
                         const char* containers, const char* statuses) {
  if (list(pod, containers).empty()) return;
  details.title(0, label);
  for (const Json& container : list(pod, containers))
    describe_container(details, pod, container,
                       find_named(pod, statuses, raw_text(container, "name")));
}

void describe_pod_conditions(Details& details, const Json& pod) {
  const Json& conditions = list(pod, "status.conditions");
  if (conditions.empty()) return;
  details.title(0, "Conditions");
  details.line(1, {"Type", "Status"});
  for (const Json& condition : conditions)
    details.line(1, {text(condition, "type") + " ", text(condition, "status")});
}

void describe_volume(Details& details, const Json& volume) {
  details.title(1, text(volume, "name"));
  if (has(volume, "hostPath")) {
    details.pair(2, "Type", "HostPath (bare host directory volume)");
    details.pair(2, "Path", text(volume, "hostPath.path"));
    details.pair(2, "HostPathType", text(volume, "hostPath.type"));
  } else if (has(volume, "emptyDir")) {
    details.pair(2, "Type", "EmptyDir (a temporary directory that shares a pod's lifetime)");
    details.pair(2, "Medium", text(volume, "emptyDir.medium"));
    details.pair(2, "SizeLimit", text_or(volume, "emptyDir.sizeLimit", "<unset>"));
  } else {
    details.line(1, {"<unknown>"});
  }
}

void describe_volumes(Details& details, const Json& pod) {
  const Json& volumes = list(pod, "spec.volumes");
  if (volumes.empty()) {
    details.pair(0, "Volumes", "<none>");
    return;
  }
  details.title(0, "Volumes");
  for (const Json& volume : volumes) describe_volume(details, volume);
}

}  // namespace

void describe_events(Details& details, const Json& events, WallTime now) {
  std::vector<Json> sorted(events.begin(), events.end());
  if (sorted.empty()) {
    details.pair(0, "Events", "<none>");
    return;
  }
  sort_events(sorted);
  details.end_block();
  details.title(0, "Events");
  details.line(1, {"Type", "Reason", "Age", "From", "Message"});
  details.line(1, {"----", "------", "----", "----", "-------"});
  for (const Json& event : sorted)
    details.line(1, {text(event, "type"), text(event, "reason"), event_interval(event, now),
                     text_or(event, "source.component", text(event, "reportingComponent")),
                     event_message(event)});
}

std::string describe_pod(const Json& pod, const Json& events, WallTime now) {
  Details details;
  describe_identity(details, pod, now);
  describe_containers(details, pod, "Init Containers", "spec.initContainers",
                      "status.initContainerStatuses");
  describe_containers(details, pod, "Containers", "spec.containers", "status.containerStatuses");
  describe_pod_conditions(details, pod);
  describe_volumes(details, pod);
  details.pair(0, "QoS Class", text(pod, "status.qosClass"));
  describe_events(details, events, now);
  return details.take_text();
}

}  // namespace podvisor::cli
