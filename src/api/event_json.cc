#include "api/event_json.h"

namespace podvisor {
namespace {

Json involved_json(const EventObject& event) {
  const bool apps = event.involved_kind == "Deployment";
  Json involved{{"apiVersion", apps ? "apps/v1" : "v1"},
                {"kind", involved_kind(event)},
                {"name", event.involved_name}};
  set_unless_empty(involved, "uid", event.involved_uid);
  set_unless_empty(involved, "fieldPath", event.field_path);
  if (!event.involved_uid.empty()) involved["namespace"] = event.namespace_;
  return involved;
}

}  // namespace

std::string involved_kind(const EventObject& event) {
  if (!event.involved_kind.empty()) return event.involved_kind;
  return event.involved_uid.empty() ? "Node" : "Pod";
}

std::string event_type(const EventObject& event) { return event.warning ? "Warning" : "Normal"; }

Json object_json(const EventObject& event) {
  return {{"apiVersion", "v1"},
          {"kind", "Event"},
          {"metadata",
           {{"name", event.name},
            {"namespace", event.namespace_},
            {"uid", event.uid},
            {"resourceVersion", std::to_string(event.resource_version)},
            {"creationTimestamp", time_json(event.first_timestamp)}}},
          {"involvedObject", involved_json(event)},
          {"type", event_type(event)},
          {"reason", event.reason},
          {"message", event.message},
          {"count", event.count},
          {"firstTimestamp", time_json(event.first_timestamp)},
          {"lastTimestamp", time_json(event.last_timestamp)},
          {"eventTime", nullptr},
          {"source", {{"component", "podvisor"}}},
          {"reportingComponent", "podvisor"},
          {"reportingInstance", ""}};
}

}  // namespace podvisor
