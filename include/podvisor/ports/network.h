// A pod's way out of its network namespace: the bridge, a veth and an address.
#pragma once

#include <functional>
#include <string>

#include "podvisor/pod.h"
#include "podvisor/result.h"

namespace podvisor {

class Network {
 public:
  virtual ~Network() = default;
  /// Gives the namespace behind netns_fd (borrowed for the call) an interface eth0 with an address
  /// of the pod subnet and a default route, and returns the address. Nothing is left on an error.
  [[nodiscard]] virtual Result<std::string> attach(const PodUid& pod, int netns_fd) = 0;
  /// Takes over what attach() of an earlier podvisor made: `address` is in use, and the pod's until
  /// detach(). The error says that the pod is attached no more.
  [[nodiscard]] virtual Status adopt(const PodUid& pod, const std::string& address) = 0;
  /// Frees the address and removes the veth, be it an earlier podvisor's; `done` is called on the
  /// loop thread when both are gone. Pods that have none: done at once.
  virtual void detach(const PodUid& pod, std::function<void()> done) = 0;
};

}  // namespace podvisor
