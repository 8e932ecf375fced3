// The door: who listens on the host's ports and relays to Ready pods (DIF-3). A process of its own;
// it goes on with what it was last told while nobody talks to it.
//
// A listener is one host port. Its endpoints are the pods behind it, each an address inside a pod.
// A call is an order, accepted at once; what came of it arrives at DoorEvents. What is told while
// the door is away (it is being restarted) reaches it when it is back. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/fd.h"
#include "podvisor/result.h"
#include "podvisor/time.h"

namespace podvisor {

enum class DoorMode : std::uint8_t {
  Http,  ///< follows HTTP/1.1 messages; each request goes to an endpoint of its own
  Tcp,   ///< connections are relayed whole
};

/// How many may wait for an endpoint, and for how long (DIF-3.6).
struct HoldLimits {
  Duration timeout = std::chrono::seconds(30);  ///< of one request or connection, retries included
  std::uint32_t held = 4096;                    ///< waiting at once, in all of the listener
};

struct DoorListener {
  std::string id;    ///< chosen by control: "default/web:8080"; not seen by clients
  std::string name;  ///< for metrics and logs: the door's name
  DoorMode mode = DoorMode::Tcp;
  HoldLimits hold;
  bool forwarded_headers = false;      ///< Http: adds X-Forwarded-For and -Proto
  bool session_affinity = false;       ///< one client address stays with one endpoint (ClientIP)
  std::size_t max_head = 32UL * 1024;  ///< Http: bytes of a request's head; beyond it 431
  Duration head_timeout = std::chrono::seconds(10);  ///< Http: from the first byte; then 408
  Duration idle_timeout = std::chrono::seconds(75);  ///< Http: a kept-alive client between requests
};

enum class EndpointState : std::uint8_t {
  Ready,     ///< gets new requests and connections
  NotReady,  ///< gets none; what is under way goes on
  Draining,  ///< as NotReady, for good; told once nothing is under way any more
};

struct DoorEndpoint {
  std::string id;       ///< of the pod instance, chosen by control; the same pod, the same id
  std::string address;  ///< "10.88.0.5:8080", "[fd00::5]:8080"
  EndpointState state = EndpointState::Ready;
  /// Dialled with sockets that control makes in the pod's network namespace and hands over on
  /// request (DoorEvents::on_sockets_wanted), because the host has no way there.
  bool handed_over_sockets = false;
  friend bool operator==(const DoorEndpoint&, const DoorEndpoint&) = default;
};

struct DrainLimits {
  Duration timeout = std::chrono::seconds(30);
  /// Upgraded connections (WebSockets) are closed one by one within this span before the timeout.
  Duration spread = std::chrono::seconds(5);
};

/// One request through the door's own path, to an endpoint that need not be Ready: the gate before
/// a switch. Tcp listeners: a connection.
struct DoorCheck {
  std::string endpoint;
  std::string path = "/";
  std::string host = "localhost";
  Duration timeout = std::chrono::seconds(5);
};

/// Why a client got no answer of a pod, or not a whole one, through no doing of its own.
enum class DoorFailure : std::uint8_t {
  HoldTimeout,   ///< no endpoint in time
  HoldFull,      ///< more were waiting already than may
  BackOff,       ///< the pod is in a back-off longer than a request may wait
  Connect,       ///< endpoints there were, none could be reached in time
  NoAnswer,      ///< the endpoint hung up without an answer, and the request must not be sent twice
  BadAnswer,     ///< what came was not HTTP/1.1
  Truncated,     ///< the endpoint hung up within its answer
  DrainTimeout,  ///< cut at the end of a drain
  Stopped,       ///< the listener was taken away while its clients were waiting
};
inline constexpr std::size_t kDoorFailures = 9;
[[nodiscard]] const char* to_string(DoorFailure failure);

/// Upper bounds of the hold histogram, in seconds.
inline constexpr double kHoldBuckets[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                          1,     2.5,  5,     10,   30,  60};
inline constexpr std::size_t kHoldBucketCount = sizeof kHoldBuckets / sizeof *kHoldBuckets;

/// What a listener has counted since its door started, and what is now.
struct DoorCounters {
  std::map<int, std::uint64_t> requests;          ///< by the status the client got
  std::uint64_t connections = 0;                  ///< accepted
  std::map<std::string, std::uint64_t> failed;    ///< by to_string(DoorFailure)
  std::map<std::string, std::uint64_t> rejected;  ///< the client's doing: "malformed", "timeout", …
  std::uint64_t retried = 0;
  std::vector<std::uint64_t> held_seconds = std::vector<std::uint64_t>(kHoldBucketCount + 1);
  double held_seconds_sum = 0;
  std::uint64_t open_connections = 0, in_flight = 0, upgraded = 0, held = 0;  ///< now
  friend bool operator==(const DoorCounters&, const DoorCounters&) = default;
};

struct EndpointLoad {
  std::string listener, endpoint;
  std::uint64_t in_flight = 0;
  std::uint64_t upgraded = 0;
};

class Door {
 public:
  virtual ~Door() = default;
  /// Begins to serve `socket`, already listening. A listener that is known gets the new settings
  /// and keeps its socket and connections.
  virtual void serve(const DoorListener& listener, Fd socket) = 0;
  /// Stops accepting; what is under way goes on.
  virtual void stop_serving(const std::string& listener) = 0;
  /// The whole set, in one step: who is not in it any more gets nothing new.
  virtual void set_endpoints(const std::string& listener, std::vector<DoorEndpoint> endpoints) = 0;
  /// Nothing will be Ready before then; unset: unknown, requests are held.
  virtual void set_back_off(const std::string& listener, std::optional<Duration> remaining) = 0;
  /// Gives the endpoint nothing new; -> on_drained when nothing is under way, at the latest at the
  /// timeout. An endpoint that the door does not know is drained at once.
  virtual void drain(const std::string& listener, const std::string& endpoint,
                     const DrainLimits& limits) = 0;
  /// -> on_checked, exactly once unless the door dies.
  virtual void check(const std::string& listener, std::uint64_t id, const DoorCheck& check) = 0;
  /// The answer to on_sockets_wanted: unconnected, of the family of the endpoint's address.
  virtual void give_sockets(const std::string& listener, const std::string& endpoint,
                            std::vector<Fd> sockets) = 0;
  /// The last that was heard: at most a second old while the door is there.
  [[nodiscard]] virtual const std::map<std::string, DoorCounters>& counters() const = 0;
};

class DoorEvents {
 public:
  virtual ~DoorEvents() = default;
  /// `cut`: how many requests and connections were cut off at the timeout.
  virtual void on_drained(const std::string& listener, const std::string& endpoint,
                          std::uint64_t cut) = 0;
  /// `error` empty: `status` is what the pod answered (0 in Tcp mode: it accepted).
  virtual void on_checked(std::uint64_t id, int status, const std::string& error) = 0;
  virtual void on_sockets_wanted(const std::string& listener, const std::string& endpoint,
                                 unsigned count) = 0;
  virtual void on_load(const EndpointLoad& load) = 0;
};

}  // namespace podvisor
