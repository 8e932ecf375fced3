// Rules that need more than one field (kubernetes-semantics VAL); those of one field alone are in
// the schema table. All read the walker's JSON with its defaults and report every breach.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "manifest/report.h"

namespace podvisor::manifest {

void validate_pod(const nlohmann::json& pod, Report& report);

void validate_metadata(const nlohmann::json& metadata, Report& report);
/// Annotations of podvisor.io and kubectl's default-container, against the containers they name.
void validate_annotations(const nlohmann::json& pod, Validate validate, Report& report);
void validate_volumes(const nlohmann::json& spec, Report& report);
void validate_containers(const nlohmann::json& spec, Report& report);
void validate_ports(const nlohmann::json& spec, Report& report);
void validate_resources(const nlohmann::json& resources, const std::string& path, Report& report);
/// `kind`: "livenessProbe", "readinessProbe" or "startupProbe".
void validate_probe(const nlohmann::json& probe, const std::string& kind, const std::string& path,
                    Report& report);

}  // namespace podvisor::manifest
