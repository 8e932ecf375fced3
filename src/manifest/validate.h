// Rules that need more than one field (kubernetes-semantics VAL); those of one field alone are in
// the schema table. All read the walker's JSON with its defaults and report every breach.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "manifest/report.h"

namespace podvisor::manifest {

void validate_pod(const nlohmann::json& pod, Report& report);

void validate_config_map(const nlohmann::json& map, Report& report);
void validate_secret(const nlohmann::json& secret, Report& report);
void validate_namespace(const nlohmann::json& object, Report& report);
void validate_deployment(const nlohmann::json& deployment, Validate validate, Report& report);
void validate_service(const nlohmann::json& service, Report& report);

/// Keys and values of labels, or of a selector by labels.
void validate_labels(const nlohmann::json& labels, const std::string& path, Report& report);
void validate_metadata(const nlohmann::json& metadata, Report& report);
/// Annotations of podvisor.io and kubectl's default-container, against the containers they name.
void validate_annotations(const nlohmann::json& pod, Validate validate, Report& report);
/// Those of podvisor.io that mean something on a Service.
void validate_service_annotations(const nlohmann::json& service, Validate validate, Report& report);
void validate_volumes(const nlohmann::json& spec, Report& report);
/// `volumes`: names of the pod's.
void validate_mounts(const nlohmann::json& container, const std::string& path,
                     const std::set<std::string>& volumes, Report& report);
/// Of a downwardAPI or projected volume; of any other there is nothing to check.
void validate_projected(const nlohmann::json& volume, const std::string& path, Report& report);
void validate_containers(const nlohmann::json& spec, Report& report);
void validate_env(const nlohmann::json& container, const std::string& path, Report& report);
/// Hooks; `spec` has the grace period that bounds them.
void validate_lifecycle(const nlohmann::json& container, const nlohmann::json& spec,
                        const std::string& path, Report& report);
void validate_restart_rules(const nlohmann::json& container, const std::string& path,
                            Report& report);
void validate_ports(const nlohmann::json& spec, Report& report);
/// Host name and name resolution.
void validate_network(const nlohmann::json& spec, Report& report);
void validate_security(const nlohmann::json& spec, Report& report);
void validate_resources(const nlohmann::json& resources, const std::string& path, Report& report);
/// `kind`: "livenessProbe", "readinessProbe" or "startupProbe".
void validate_probe(const nlohmann::json& probe, const std::string& kind, const std::string& path,
                    Report& report);

}  // namespace podvisor::manifest
