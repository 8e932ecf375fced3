#include "api/rollout_json.h"

namespace podvisor {

Json rollout_json(const std::string& namespace_, const std::string& name, const RolloutView& view) {
  Json history = Json::array();
  for (const RevisionView& revision : view.history) {
    Json each{{"revision", revision.number}, {"creationTimestamp", time_json(revision.since)}};
    set_unless_empty(each, "changeCause", revision.change_cause);
    history.push_back(std::move(each));
  }
  Json status{{"stage", to_string(view.stage)},
              {"message", view.progress},
              {"paused", view.paused},
              {"restart", view.restart}};
  set_unless_empty(status, "reason", view.reason);
  set_unless_empty(status, "oldPod", view.old_pod);
  set_unless_empty(status, "newPod", view.new_pod);
  return {{"apiVersion", "podvisor.io/v1"},
          {"kind", "Rollout"},
          {"metadata", {{"name", name}, {"namespace", namespace_}}},
          {"revision", view.revision},
          {"status", std::move(status)},
          {"history", std::move(history)}};
}

}  // namespace podvisor
