#include "api/event_json.h"

#include <gtest/gtest.h>

#include "api/pods.h"

namespace podvisor {
namespace {

EventObject unhealthy() {
  EventObject event;
  event.name = "web.18a0";
  event.namespace_ = "shop";
  event.uid = "e1";
  event.involved_name = "web";
  event.involved_uid = "u1";
  event.field_path = "spec.containers{nginx}";
  event.warning = true;
  event.reason = "Unhealthy";
  event.message = "Readiness probe failed: no";
  event.count = 7;
  event.first_timestamp = kNoon;
  event.last_timestamp = kNoon + std::chrono::seconds(60);
  event.resource_version = 12;
  return event;
}

TEST(EventJson, EVT22_NamesThePodAndTheContainer) {
  EXPECT_EQ(object_json(unhealthy()), Json::parse(R"({
    "apiVersion": "v1", "kind": "Event",
    "metadata": {"name": "web.18a0", "namespace": "shop", "uid": "e1", "resourceVersion": "12",
                 "creationTimestamp": "2026-11-22T12:00:00Z"},
    "involvedObject": {"apiVersion": "v1", "kind": "Pod", "name": "web", "namespace": "shop",
                       "uid": "u1", "fieldPath": "spec.containers{nginx}"},
    "type": "Warning", "reason": "Unhealthy", "message": "Readiness probe failed: no", "count": 7,
    "firstTimestamp": "2026-11-22T12:00:00Z", "lastTimestamp": "2026-11-22T12:01:00Z",
    "eventTime": null, "source": {"component": "podvisor"}, "reportingComponent": "podvisor",
    "reportingInstance": ""})"));
}

TEST(EventJson, AnEventAboutNoPodIsAboutTheNode) {
  EventObject event = unhealthy();
  event.involved_uid.clear();
  event.field_path.clear();
  event.warning = false;
  const Json json = object_json(event);
  EXPECT_EQ(json["involvedObject"],
            Json::parse(R"({"apiVersion": "v1", "kind": "Node", "name": "web"})"));
  EXPECT_EQ(json["type"], "Normal");
}

}  // namespace
}  // namespace podvisor
