// Prometheus' HTTP service discovery: what may be scraped on this host.
#pragma once

#include "api/context.h"
#include "api/router.h"

namespace podvisor {

/// A target for each TCP port of each pod that has an address, with the labels that Prometheus'
/// `kubernetes_sd_configs` (role pod) gives, so that a cluster's relabelling works as it is. Pods
/// on the host's network have the host's address.
[[nodiscard]] HttpReply get_scrape_targets(ApiContext& context, const ApiRequest& request);

}  // namespace podvisor
