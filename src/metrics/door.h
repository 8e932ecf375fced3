// The door's metrics: what it has counted since it was started, and what is now.
#pragma once

#include <map>
#include <string>

#include "metrics/families.h"
#include "podvisor/ports/door.h"

namespace podvisor {

/// `counters` by listener. Every cause of a failure is there from the start, with 0.
void add_door(Families& families, const std::map<std::string, DoorCounters>& counters);

}  // namespace podvisor
