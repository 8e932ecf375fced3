#include <set>

#include "manifest/json_access.h"
#include "manifest/scalar.h"
#include "manifest/validate.h"

namespace podvisor::manifest {
namespace {

using HostPorts = std::set<std::string>;

void validate_port_names(const Json& container, const std::string& path, Report& report) {
  std::set<std::string> names;
  each(container, "ports", path, [&](const Json& port, const std::string& port_path) {
    const std::string name = text(port, "name");
    if (!name.empty() && !names.insert(name).second) {
      report.error(port_path + ".name", duplicate(show(Json(name))));
    }
  });
}

/// VAL-8: protocol/hostIP/hostPort is given out once.
void validate_host_ports(const Json& container, const std::string& path, HostPorts& taken,
                         Report& report) {
  each(container, "ports", path, [&](const Json& port, const std::string& port_path) {
    const std::int64_t host_port = number(port, "hostPort");
    if (host_port == 0) return;
    const std::string key =
        text(port, "protocol") + "/" + text(port, "hostIP") + "/" + std::to_string(host_port);
    if (!taken.insert(key).second) {
      report.error(port_path + ".hostPort", duplicate(show(Json(key))));
    }
  });
}

/// VAL-9
void validate_host_network_ports(const Json& container, const std::string& path, Report& report) {
  each(container, "ports", path, [&](const Json& port, const std::string& port_path) {
    const std::int64_t host_port = number(port, "hostPort");
    if (!port.contains("containerPort") || host_port == number(port, "containerPort")) return;
    report.error(port_path + ".hostPort",
                 invalid(std::to_string(host_port),
                         "must match `containerPort` when `hostNetwork` is true"));
  });
}

}  // namespace

void validate_ports(const Json& spec, Report& report) {
  HostPorts of_regular;
  const bool host_network = flag(spec, "hostNetwork");
  each_container(spec, [&](const Json& container, const std::string& path, bool is_init) {
    validate_port_names(container, path, report);
    HostPorts own;
    validate_host_ports(container, path, is_init ? own : of_regular, report);
    if (host_network && !is_init) validate_host_network_ports(container, path, report);
  });
}

}  // namespace podvisor::manifest
