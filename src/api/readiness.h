// Whether traffic may go to a pod, and why not, for whoever balances it: /readyz and HAProxy's
// agent checks.
#pragma once

#include <string>

#include "podvisor/object_store.h"

namespace podvisor {

/// Empty: traffic may go there. `pod` may be null.
[[nodiscard]] std::string why_not_ready(const PodObject* pod);

/// The line that an HAProxy agent check wants to read: "ready up" while traffic may go to the pod,
/// "drain" while one that was Ready is being stopped, else "down" and why.
[[nodiscard]] std::string agent_answer(const PodObject* pod);

}  // namespace podvisor
