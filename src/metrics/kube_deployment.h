// kube-state-metrics' families about Deployments, read from the store at each scrape.
#pragma once

#include "metrics/families.h"
#include "podvisor/object_store.h"

namespace podvisor {

void add_kube_deployments(Families& families, const ObjectStore& store);

}  // namespace podvisor
