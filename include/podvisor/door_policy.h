// What podvisor.io/* annotations say about traffic, of a pod or of a Service. Plain data.
#pragma once

#include <chrono>
#include <cstdint>

namespace podvisor {

struct DoorPolicy {
  enum class Mode : std::uint8_t {
    ByPort,  ///< http for a port that is named so or whose appProtocol is, else tcp
    Http,
    Tcp,
    Off,  ///< no listener: somebody else's balancer
  };
  Mode mode = Mode::ByPort;                                               ///< podvisor.io/door
  std::chrono::milliseconds hold_timeout = std::chrono::seconds(30);      ///< …/hold-timeout
  std::chrono::milliseconds drain_timeout = std::chrono::seconds(30);     ///< …/drain-timeout
  std::chrono::milliseconds readyz_delay = std::chrono::milliseconds(0);  ///< …/readyz-delay
  bool forwarded_headers = false;                                         ///< …/forwarded-headers
};

}  // namespace podvisor
