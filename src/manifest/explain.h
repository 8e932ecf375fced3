// `podvisor explain`: what the schema table says about one field, and what is below it. Pure.
#pragma once

#include <string>

#include "podvisor/result.h"

namespace podvisor::manifest {

/// `path` is a kind as kubectl spells it ("pod", "pods", "po", "deployment.apps"), then fields by
/// their names: "pod.spec.containers.livenessProbe". With `recursive` all fields below it, as a
/// tree. The error says what is wrong with the path and what was meant.
[[nodiscard]] Result<std::string> explain(const std::string& path, bool recursive);

}  // namespace podvisor::manifest
