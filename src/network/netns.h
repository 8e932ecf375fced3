// The network namespaces this thread moves between.
#pragma once

#include "podvisor/fd.h"
#include "podvisor/result.h"

namespace podvisor {

/// The calling thread's network namespace.
[[nodiscard]] Result<Fd> open_current_netns();

/// While it lives the calling thread is in the namespace behind `netns`; then back in `home`. Both
/// are borrowed. Only for making sockets: those stay in the namespace that they were made in.
class NetnsScope {
 public:
  static Result<NetnsScope> enter(int netns, int home);
  NetnsScope(NetnsScope&& other) noexcept;
  NetnsScope& operator=(NetnsScope&&) = delete;
  ~NetnsScope();

 private:
  explicit NetnsScope(int home) : home_(home) {}

  int home_;
};

}  // namespace podvisor
