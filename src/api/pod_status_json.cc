#include "api/pod_status_json.h"

namespace podvisor {
namespace {

/// Of a container whose end nobody saw (PHS-7) there are no times.
Json time_or_null(WallTime time) { return time == WallTime{} ? Json() : time_json(time); }

Json terminated_json(const ContainerStateTerminated& terminated) {
  Json json{{"exitCode", terminated.exit_code},
            {"startedAt", time_or_null(terminated.started_at)},
            {"finishedAt", time_or_null(terminated.finished_at)}};
  if (terminated.signal != 0) json["signal"] = terminated.signal;
  set_unless_empty(json, "reason", terminated.reason);
  set_unless_empty(json, "message", terminated.message);
  set_unless_empty(json, "containerID", terminated.container_id);
  return json;
}

struct StateJson {
  Json operator()(const ContainerStateWaiting& waiting) const {
    Json json = Json::object();
    set_unless_empty(json, "reason", waiting.reason);
    set_unless_empty(json, "message", waiting.message);
    return {{"waiting", json}};
  }
  Json operator()(const ContainerStateRunning& running) const {
    return {{"running", {{"startedAt", time_json(running.started_at)}}}};
  }
  Json operator()(const ContainerStateTerminated& terminated) const {
    return {{"terminated", terminated_json(terminated)}};
  }
};

Json container_status_json(const ContainerStatus& status) {
  Json json{{"name", status.name},         {"image", status.image},
            {"imageID", status.image_id},  {"state", std::visit(StateJson{}, status.state)},
            {"lastState", Json::object()}, {"ready", status.ready},
            {"started", status.started},   {"restartCount", status.restart_count}};
  if (status.last_state) json["lastState"]["terminated"] = terminated_json(*status.last_state);
  set_unless_empty(json, "containerID", status.container_id);
  return json;
}

Json condition_json(const PodCondition& condition) {
  Json json{{"type", condition.type},
            {"status", to_string(status_of(condition))},
            {"lastProbeTime", nullptr},
            {"lastTransitionTime", time_json(condition.last_transition_time)}};
  set_unless_empty(json, "reason", condition.reason);
  set_unless_empty(json, "message", condition.message);
  return json;
}

template <typename Noun>
Json array_json(const std::vector<Noun>& nouns, Json (*to_json)(const Noun&)) {
  Json array = Json::array();
  for (const Noun& noun : nouns) array.push_back(to_json(noun));
  return array;
}

}  // namespace

Json pod_status_json(const PodStatus& status) {
  Json json{{"phase", to_string(status.phase)},
            {"conditions", array_json(status.conditions, &condition_json)},
            {"containerStatuses", array_json(status.container_statuses, &container_status_json)}};
  if (!status.init_container_statuses.empty())
    json["initContainerStatuses"] =
        array_json(status.init_container_statuses, &container_status_json);
  set_unless_empty(json, "reason", status.reason);
  set_unless_empty(json, "message", status.message);
  set_unless_empty(json, "qosClass", status.qos_class);
  set_unless_empty(json, "podIP", status.pod_ip);
  if (!status.pod_ip.empty()) json["podIPs"] = Json::array({{{"ip", status.pod_ip}}});
  if (status.start_time) json["startTime"] = time_json(*status.start_time);
  return json;
}

}  // namespace podvisor
