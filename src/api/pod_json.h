// A v1 Pod: its manifest with defaults, what podvisor knows about it in metadata, and its status.
#pragma once

#include "api/json.h"
#include "podvisor/object_store.h"

namespace podvisor {

[[nodiscard]] Json object_json(const PodObject& object);

}  // namespace podvisor
