// ORD-10: how long until what could not be made, for no fault of a program, is tried again.
#pragma once

#include <algorithm>
#include <chrono>

#include "podvisor/pod.h"

namespace podvisor {

/// 10 s, or the longest wait before a restart where that is shorter (BKO-8).
[[nodiscard]] inline Duration sync_retry(const PodSpec& spec) {
  return std::min<Duration>(std::chrono::seconds(10), spec.policy.backoff.max);
}

}  // namespace podvisor
