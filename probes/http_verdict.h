// What an HTTP status means to a probe (HTTP-1, HTTP-15, HTTP-16, DIF-1). Pure.
#pragma once

#include <string_view>

#include "podvisor/pod.h"
#include "probes/probe_attempt.h"

namespace podvisor {

struct StatusRange {
  int min = 200;
  int max = 399;
  [[nodiscard]] constexpr bool holds(int status) const { return status >= min && status <= max; }
};

/// DIF-1: readiness as the pod's policy says, liveness and startup 200-399.
[[nodiscard]] StatusRange accepted_statuses(ProbeKind kind, const PodPolicy& policy);

/// `body` is at most kMaxProbeOutput of it; only a warning shows it.
[[nodiscard]] ProbeAnswer judge_http(int status, StatusRange accepted, std::string_view body);

/// The response is a redirect that may end as a warning: its body is worth keeping.
[[nodiscard]] constexpr bool may_warn(int status) { return status >= 300 && status < 400; }

}  // namespace podvisor
