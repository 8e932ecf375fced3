// A v1 Event (EVT-22, EVT-24).
#pragma once

#include "api/json.h"
#include "podvisor/object_store.h"

namespace podvisor {

/// "Pod", or "Node" for events that are about no pod.
[[nodiscard]] std::string involved_kind(const EventObject& event);
/// "Normal" or "Warning".
[[nodiscard]] std::string event_type(const EventObject& event);

[[nodiscard]] Json object_json(const EventObject& event);

}  // namespace podvisor
