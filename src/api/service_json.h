// A v1 Service, and the v1 Endpoints that follow from it and from the pods as they are now.
#pragma once

#include "api/json.h"
#include "podvisor/object_store.h"

namespace podvisor {

[[nodiscard]] Json object_json(const ServiceEntry& entry);
/// ROL-1: an address is ready while its pod gets traffic.
[[nodiscard]] Json endpoints_json(const ServiceEntry& entry, const ObjectStore& store);

}  // namespace podvisor
