// Pods on a bridge of the host's: bridge mode of NET-1. The bridge and the masquerading rules are
// made for the first pod. Loop thread only.
#pragma once

#include <memory>
#include <string>

#include "loop/loop.h"
#include "podvisor/ports/network.h"

namespace podvisor {

struct BridgeSettings {
  std::string bridge = "podvisor0";
  std::string pod_cidr = "10.88.0.0/16";
  bool masquerade = true;        ///< for what pods send to others than pods; needs ip_forward
  std::string nft_path = "nft";  ///< looked for in PATH
};

class BridgeNetwork final : public Network {
 public:
  /// Finds out, without changing anything, what would keep pods from being attached: settings,
  /// privilege, a foreign link of the bridge's name, somebody else's addresses in the subnet, no
  /// nft. Works in the network namespace of the calling thread from then on. The loop must outlive
  /// it.
  static Result<std::unique_ptr<BridgeNetwork>> open(const BridgeSettings& settings, Loop& loop);
  ~BridgeNetwork() override;  ///< pods stay attached; unfinished `done`s are never called

  /// About a millisecond; some 15 ms more for the first pod.
  [[nodiscard]] Result<std::string> attach(const PodUid& pod, int netns_fd) override;
  [[nodiscard]] Status adopt(const PodUid& pod, const std::string& address) override;
  void detach(const PodUid& pod, std::function<void()> done) override;

  /// Removes bridge and masquerading; an error while a pod is attached, be it somebody else's. A
  /// bridge that podvisor did not make stays. ip_forward stays as it is.
  [[nodiscard]] Status shutdown();

 private:
  struct State;
  explicit BridgeNetwork(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;  ///< work on other threads holds it weakly
};

}  // namespace podvisor
