// Network namespaces of a test's own, with no route out: one as the host, any number as pods.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "loop/loop.h"
#include "network/bridge_network.h"
#include "podvisor/fd.h"

namespace podvisor::network_test {

/// A new network namespace, lo up; gone with the last descriptor, socket or process of it.
[[nodiscard]] Fd make_netns();
/// Runs `work` on a thread in that namespace.
void in_netns(const Fd& netns, const std::function<void()>& work);

/// A TCP socket listening on every address of the namespace, at an ephemeral port.
struct Listener {
  Fd socket;
  std::uint16_t port = 0;
};
[[nodiscard]] Listener listen_in(const Fd& netns);
/// Connects from inside `netns` and returns the address that the listener sees it come from, or
/// "errno: …" of the connect.
[[nodiscard]] std::string connect_from(const Fd& netns, const std::string& address,
                                       const Listener& listener);

/// The test's thread in a host of its own for the test's duration.
class HostTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  [[nodiscard]] std::unique_ptr<BridgeNetwork> open(const BridgeSettings& settings);
  /// Runs the loop until it is called back.
  void detach(BridgeNetwork& network, const PodUid& pod);

  Fd outside_;  ///< the namespace that the test was started in
  Fd host_;
  Loop loop_;
};

}  // namespace podvisor::network_test
