// Rules of Services, in Kubernetes' words.
#include <set>

#include "manifest/json_access.h"
#include "manifest/names.h"
#include "manifest/scalar.h"
#include "manifest/validate.h"

namespace podvisor::manifest {
namespace {

bool is_headless(const Json& spec) { return text(spec, "clusterIP") == "None"; }

/// Names and numbers that two ports may not share.
struct Taken {
  std::set<std::string> names;
  std::set<std::string> ports;
  std::set<std::string> node_ports;
};

void validate_port(const Json& port, const std::string& path, bool named, Taken& taken,
                   Report& report) {
  const std::string name = text(port, "name");
  if (name.empty() && named) report.error(path + ".name", "Required value");
  if (!name.empty() && !taken.names.insert(name).second) {
    report.error(path + ".name", duplicate(show(Json(name))));
  }
  const std::string protocol = text(port, "protocol") + " ";
  const Json* number = find(port, "port");
  if (number != nullptr && !taken.ports.insert(protocol + number->dump()).second) {
    report.error(path + ".port", duplicate(show(*number)));
  }
  const Json* node_port = find(port, "nodePort");
  if (node_port == nullptr || *node_port == 0) return;
  if (!taken.node_ports.insert(protocol + node_port->dump()).second) {
    report.error(path + ".nodePort", duplicate(show(*node_port)));
  }
}

void validate_service_ports(const Json& spec, Report& report) {
  const Json* ports = find(spec, "ports");
  if ((ports == nullptr || ports->empty()) && !report.is_wrong("spec.ports") &&
      !is_headless(spec)) {
    return report.error("spec.ports", "Required value");
  }
  const bool cluster_ip = text(spec, "type") == "ClusterIP";
  const bool named = ports != nullptr && ports->size() > 1;
  Taken taken;
  each(spec, "ports", "spec", [&](const Json& port, const std::string& path) {
    validate_port(port, path, named, taken, report);
    if (cluster_ip && number(port, "nodePort") != 0) {
      report.error(path + ".nodePort",
                   forbidden("may not be used when `type` is 'ClusterIP'; NodePort has it"));
    }
  });
}

void validate_affinity(const Json& spec, Report& report) {
  const Json* config = find(spec, "sessionAffinityConfig");
  if (config == nullptr || text(spec, "sessionAffinity") == "ClientIP") return;
  report.error("spec.sessionAffinityConfig",
               forbidden("must not be set when session affinity is None"));
}

}  // namespace

void validate_service(const Json& service, Report& report) {
  if (const Json* metadata = find(service, "metadata")) {
    validate_metadata(*metadata, report);
    const std::string name = text(*metadata, "name");
    const std::string wrong = name.empty() ? "" : check_dns_label(name);
    if (!wrong.empty() && !report.is_wrong("metadata.name")) {
      report.error("metadata.name", invalid(show(Json(name)), wrong));
    }
  }
  const Json* spec = find(service, "spec");
  if (spec == nullptr) return;
  if (const Json* selector = find(*spec, "selector")) {
    validate_labels(*selector, "spec.selector", report);
  }
  validate_service_ports(*spec, report);
  validate_affinity(*spec, report);
  if (is_headless(*spec) && text(*spec, "type") != "ClusterIP") {
    report.error("spec.clusterIP",
                 invalid("\"None\"", "may not be set to 'None' for a service of this type"));
  }
}

}  // namespace podvisor::manifest
