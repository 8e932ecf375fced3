// cAdvisor's families (MET-6, MET-7), read from the containers' cgroups at each scrape.
#pragma once

#include <string>

#include "metrics/families.h"
#include "podvisor/object_store.h"
#include "podvisor/ports/runtime.h"

namespace podvisor {

/// `cgroup_parent` as in --cgroup-parent; it begins the `id` label.
void add_cadvisor(Families& families, const ObjectStore& store, UsageReader& usage,
                  const std::string& cgroup_parent, WallTime now);

}  // namespace podvisor
