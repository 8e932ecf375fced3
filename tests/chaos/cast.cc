#include "chaos/cast.h"

namespace podvisor {
namespace {

using nlohmann::json;

json http_probe(const char* path, int port) {
  return {{"httpGet", {{"path", path}, {"port", port}}},
          {"periodSeconds", 1},
          {"failureThreshold", 1},
          {"timeoutSeconds", 10}};
}

json container_of(const CastMember& member, const CastContainer& container, int version,
                  const std::string& dir) {
  json made{{"name", container.name},
            {"command", {CHAOS_TARGET, dir + "/flags/" + member.name + "." + container.name}},
            {"env", {{{"name", "VERSION"}, {"value", std::to_string(version)}}}}};
  if (container.port != 0) {
    made["command"].push_back(std::to_string(container.port));
    made["readinessProbe"] = http_probe("/ready", container.port);
  }
  if (container.live) {
    made["livenessProbe"] = http_probe("/live", container.port);
    made["livenessProbe"]["failureThreshold"] = 2;
  }
  if (container.native) made["restartPolicy"] = "Always";
  if (!container.memory.empty()) made["resources"] = {{"limits", {{"memory", container.memory}}}};
  return made;
}

void publish_port(json& container, int port, int host_port) {
  container["ports"] = {{{"name", "http"}, {"containerPort", port}, {"hostPort", host_port}}};
}

void use_settings(json& spec, const std::string& dir) {
  spec["volumes"] = {{{"name", "settings"}, {"configMap", {{"name", "settings"}}}}};
  json& main = spec["containers"][0];
  main["volumeMounts"] = {{{"name", "settings"}, {"mountPath", dir + "/in"}}};
  main["env"].push_back(
      {{"name", "SETTING"},
       {"valueFrom", {{"configMapKeyRef", {{"name", "settings"}, {"key", "version"}}}}}});
}

json spec_of(const CastMember& member, int version, const std::string& dir) {
  json spec = member.spec;
  spec["terminationGracePeriodSeconds"] = 1;
  for (const CastContainer& container : member.containers)
    spec[container.native ? "initContainers" : "containers"].push_back(
        container_of(member, container, version, dir));
  const CastContainer& first = member.containers.front();
  if (member.host_port != 0) publish_port(spec["containers"][0], first.port, member.host_port);
  if (member.config) use_settings(spec, dir);
  return spec;
}

}  // namespace

std::string CastMember::restart_policy() const { return spec.value("restartPolicy", "Always"); }

std::vector<CastMember> whole_cast() {
  const json emptydir = {{{"name", "scratch"}, {"emptyDir", json::object()}}};
  const json init = {{{"name", "setup"}, {"command", {"true"}}}};
  std::vector<CastMember> cast;
  cast.push_back(
      {.name = "web",
       .containers = {{.name = "main", .port = 80}, {.name = "helper", .port = 81, .live = true}},
       .host_port = 8080});
  cast.push_back({.name = "shop",
                  .containers = {{.name = "main", .port = 80}},
                  .host_port = 8081,
                  .replicas = 2});
  cast.push_back(
      {.name = "again",
       .containers = {{.name = "main", .port = 80}, {.name = "helper", .port = 81, .live = true}},
       .annotations = {{"podvisor.io/replace", "Recreate"}}});
  cast.push_back({.name = "staged",
                  .containers = {{.name = "main"}, {.name = "before", .native = true}},
                  .spec = {{"initContainers", init}, {"volumes", emptydir}}});
  cast.push_back(
      {.name = "greedy", .containers = {{.name = "main"}, {.name = "eater", .memory = "16Mi"}}});
  cast.push_back({.name = "settled", .containers = {{.name = "main"}}, .config = true});
  cast.push_back({.name = "family",
                  .containers = {{.name = "main"}, {.name = "child"}},
                  .spec = {{"shareProcessNamespace", true}}});
  cast.push_back({.name = "hosted",
                  .containers = {{.name = "main", .port = 9191}},
                  .spec = {{"hostNetwork", true}}});
  cast.push_back(
      {.name = "once", .containers = {{.name = "main"}}, .spec = {{"restartPolicy", "Never"}}});
  cast.push_back(
      {.name = "task", .containers = {{.name = "main"}}, .spec = {{"restartPolicy", "OnFailure"}}});
  for (const char* name : {"guest-a", "guest-b", "guest-c"})
    cast.push_back({.name = name,
                    .containers = {{.name = "main"}},
                    .annotations = {{"podvisor.io/network", "none"}},
                    .comes_and_goes = true});
  return cast;
}

json manifest_of(const CastMember& member, int version, const std::string& dir) {
  json meta{{"labels", {{"cast", member.name}}}, {"annotations", member.annotations}};
  meta["annotations"]["podvisor.io/fast-ready"] = "true";
  json spec = spec_of(member, version, dir);
  if (member.replicas == 0) {
    meta["name"] = member.name;
    return {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", meta}, {"spec", spec}};
  }
  return {{"apiVersion", "apps/v1"},
          {"kind", "Deployment"},
          {"metadata", {{"name", member.name}}},
          {"spec",
           {{"replicas", member.replicas},
            {"selector", {{"matchLabels", {{"cast", member.name}}}}},
            {"template", {{"metadata", meta}, {"spec", spec}}}}}};
}

json settings_map(int version) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", "settings"}}},
          {"data", {{"version", std::to_string(version)}}}};
}

int version_in(const json& pod) {
  return std::stoi(pod.at("/spec/containers/0/env/0/value"_json_pointer).get<std::string>());
}

}  // namespace podvisor
