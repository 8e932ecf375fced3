#include "manifest/defaults.h"

#include <algorithm>
#include <string>

#include "manifest/json_access.h"
#include "manifest/quantity.h"
#include "manifest/schema.h"

namespace podvisor::manifest {
namespace {

bool is_volume_source(const std::string& field) { return field != "name"; }

/// A volume without any source is an emptyDir (DEF-1).
void default_volume(Json& volume) {
  const bool has_source =
      std::any_of(volume.items().begin(), volume.items().end(),
                  [](const auto& item) { return is_volume_source(item.key()); });
  if (!has_source) volume["emptyDir"] = Json::object();
}

/// With the host's network every port is a port of the host (DEF-1).
void default_host_ports(Json& container) {
  each(container, "ports", "", [](Json& port, const std::string&) {
    if (number(port, "hostPort") == 0 && port.contains("containerPort")) {
      port["hostPort"] = port["containerPort"];
    }
  });
}

void round_quantities(Json& quantities) {
  for (auto& quantity : quantities) {
    const auto parsed = parse_quantity(quantity.get<std::string>());
    if (parsed) quantity = to_string(round_up_to_milli(*parsed));  // DEF-3
  }
}

/// Requests that are not given are the limits (DEF-2).
void default_resources(Json& resources) {
  for (const char* name : {"limits", "requests"}) {
    if (resources.contains(name)) round_quantities(resources[name]);
  }
  const Json* limits = find(resources, "limits");
  if (limits == nullptr || limits->empty()) return;
  Json requests = resources.value("requests", Json::object());
  for (const auto& [key, limit] : limits->items()) {
    if (!requests.contains(key)) requests[key] = limit;
  }
  resources["requests"] = std::move(requests);
}

/// DEF-4: by the tag alone; without tag and digest it is "latest".
std::string default_pull_policy(const std::string& image) {
  const std::size_t at_sign = image.find('@');
  const std::string name = image.substr(0, at_sign);
  const std::size_t colon = name.rfind(':');
  const std::size_t slash = name.rfind('/');
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  if (tagged) return name.substr(colon + 1) == "latest" ? "Always" : "IfNotPresent";
  return at_sign == std::string::npos ? "Always" : "IfNotPresent";
}

void default_container(Json& container, bool host_network) {
  if (host_network) default_host_ports(container);
  if (container.contains("resources")) default_resources(container["resources"]);
  const std::string image = text(container, "image");
  if (!image.empty() && text(container, "imagePullPolicy").empty()) {
    container["imagePullPolicy"] = default_pull_policy(image);
  }
}

}  // namespace

void apply_defaults(Json& pod) {
  const auto spec = pod.find("spec");
  if (spec == pod.end()) return;
  each(*spec, "volumes", "spec", [](Json& volume, const std::string&) { default_volume(volume); });
  const bool host_network = flag(*spec, "hostNetwork");
  each_container(*spec, [&](Json& container, const std::string&, bool) {
    default_container(container, host_network);
  });
}

void apply_deployment_defaults(Json& deployment) {
  const auto spec = deployment.find("spec");
  if (spec == deployment.end()) return;
  if (const auto strategy = spec->find("strategy"); strategy != spec->end()) {
    if (!strategy->contains("type")) (*strategy)["type"] = "RollingUpdate";
    if (text(*strategy, "type") == "RollingUpdate" && !strategy->contains("rollingUpdate")) {
      (*strategy)["rollingUpdate"] = {{"maxSurge", "25%"}, {"maxUnavailable", "25%"}};
    }
  }
  if (const auto pod = spec->find("template"); pod != spec->end()) apply_defaults(*pod);
}

}  // namespace podvisor::manifest
