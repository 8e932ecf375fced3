// One pod instance behind a listener, shared by control's thread and the workers.
//
// The drain is exact: a worker counts itself in before it looks at the state, control writes the
// state before it looks at the count. So either the worker sees that the endpoint is leaving and
// goes elsewhere, or control sees that somebody is still in there.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/ports/door.h"

namespace podvisor::door {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
};
/// "10.0.0.1:80" or "[fd00::1]:80".
[[nodiscard]] Result<Address> parse_address(const std::string& text);

/// Sockets that control has handed over, unconnected. Any thread.
class SocketStash {
 public:
  static constexpr std::size_t kBatch = 32;  ///< asked for at a time

  void put(std::vector<Fd> sockets);
  /// Nothing: none is left. `ask` is set when more should be asked for, once for each batch.
  [[nodiscard]] std::optional<Fd> take(bool& ask);

 private:
  std::mutex mutex_;
  std::vector<Fd> sockets_;
  bool asked_ = false;
};

class Endpoint {
 public:
  /// `changed` is called, on any thread, when the endpoint is not Ready and a count has become 0.
  Endpoint(DoorEndpoint about, Address address, std::function<void()> changed);

  const std::string id;
  const Address address;
  const bool handed_over_sockets;
  const std::string address_text;

  [[nodiscard]] EndpointState state() const { return state_.load(); }
  void state(EndpointState state) { state_.store(state); }
  [[nodiscard]] bool ready() const { return state_.load() == EndpointState::Ready; }
  [[nodiscard]] std::uint32_t in_flight() const { return in_flight_.load(); }
  [[nodiscard]] std::uint32_t upgraded() const { return upgraded_.load(); }
  [[nodiscard]] std::uint32_t load() const { return in_flight() + upgraded(); }
  [[nodiscard]] bool quiet() const { return load() == 0; }

  SocketStash stash;
  std::atomic<std::uint64_t> cut{0};  ///< requests and connections cut at a drain's end

 private:
  friend class Claim;
  std::atomic<EndpointState> state_;
  std::atomic<std::uint32_t> in_flight_{0};
  std::atomic<std::uint32_t> upgraded_{0};
  std::function<void()> changed_;
};

using EndpointPtr = std::shared_ptr<Endpoint>;
using EndpointSet = std::vector<EndpointPtr>;

/// One request or connection under way at an endpoint.
class Claim {
 public:
  Claim() = default;
  Claim(Claim&& other) noexcept;
  Claim& operator=(Claim&& other) noexcept;
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() { release(); }

  /// Empty when the endpoint is not Ready (any more).
  [[nodiscard]] static Claim take(const EndpointPtr& endpoint);
  /// From now on an upgraded connection rather than a request.
  void upgrade();
  void release();
  [[nodiscard]] const EndpointPtr& endpoint() const { return endpoint_; }
  explicit operator bool() const { return endpoint_ != nullptr; }

 private:
  EndpointPtr endpoint_;
  bool upgraded_ = false;
};

}  // namespace podvisor::door
