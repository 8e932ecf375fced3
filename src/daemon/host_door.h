// The host's one door: found running and taken over, or started when it is first wanted. Loop
// thread only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "door/door_client.h"
#include "loop/loop.h"
#include "podvisor/ports/door.h"

namespace podvisor {

class HostDoor {
 public:
  /// The directory is made when there is a door.
  HostDoor(Loop& loop, DoorSettings settings) : loop_(loop), settings_(std::move(settings)) {}

  /// Before any of what follows.
  void connect(DoorEvents& events) { events_ = &events; }
  /// Takes over a door that an earlier podvisor has left; waits until it has said what it serves,
  /// which is returned.
  [[nodiscard]] std::vector<std::string> adopt();
  /// Started if there is none.
  [[nodiscard]] Result<Door*> get();
  /// Its listening sockets by socket_name(); borrowed.
  [[nodiscard]] std::map<std::string, int> sockets() const;
  [[nodiscard]] bool has_socket(const std::string& listener) const;
  [[nodiscard]] const std::map<std::string, DoorCounters>& counters() const;
  /// Ends it with its directory: there is nobody left to relay to.
  void end();

 private:
  Loop& loop_;
  DoorSettings settings_;
  DoorEvents* events_ = nullptr;
  std::unique_ptr<DoorClient> client_;
};

}  // namespace podvisor
