// What systemd is told of a service of Type=notify: that it is ready, how it is, that it lives
// (sd_notify(3)). Says nothing where nobody listens. Loop thread only.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "loop/loop.h"
#include "podvisor/object_store.h"

namespace podvisor {

class ServiceNotify {
 public:
  /// Takes NOTIFY_SOCKET and WATCHDOG_USEC out of the environment: they are meant for nobody else.
  ServiceNotify(Loop& loop, ObjectStore& store);
  ~ServiceNotify();
  ServiceNotify(const ServiceNotify&) = delete;
  ServiceNotify& operator=(const ServiceNotify&) = delete;

  /// Listening sockets by name (borrowed) that systemd is to keep for another podvisor: they are
  /// told a moment after they change. `kept`: what it has of an earlier one.
  using Sockets = std::function<std::map<std::string, int>()>;
  void keep(Sockets sockets, std::set<std::string> kept);
  void ready();
  /// podvisor ends; or, `again`, another takes its place, which finds the environment as it was.
  void leave(bool again);

 private:
  void send(std::string_view text, int descriptor = -1) const;
  void tell_sockets();
  void tell_status();
  void tell_that_we_live();

  ObjectStore& store_;
  std::string socket_, usec_, pid_;  ///< as the environment had them
  std::optional<Duration> watchdog_;
  Timer status_timer_;
  Timer watchdog_timer_;  ///< of the loop: one that is stuck sends nothing
  std::uint64_t watch_ = 0;
  std::string status_;
  Sockets sockets_;
  std::set<std::string> kept_;
};

/// The text of STATUS=: how many pods there are, and how many of them are Ready.
[[nodiscard]] std::string service_status(const ObjectStore& store);
/// How often systemd wants to hear from us; nothing: never, or not from this process.
[[nodiscard]] std::optional<Duration> watchdog_period(const char* usec, const char* pid, long self);

}  // namespace podvisor
