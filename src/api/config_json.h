// A v1 ConfigMap or Secret, a Secret's values included: for those only who may use the socket.
#pragma once

#include "api/json.h"
#include "podvisor/object_store.h"

namespace podvisor {

[[nodiscard]] Json object_json(const ConfigEntry& entry);

}  // namespace podvisor
