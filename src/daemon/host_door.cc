#include "daemon/host_door.h"

#include <filesystem>
#include <system_error>

#include "daemon/upgrade.h"
#include "door/door_process.h"
#include "log/logger.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

constexpr Duration kSync = std::chrono::seconds(2);
constexpr Duration kEnd = std::chrono::milliseconds(500);

}  // namespace

/// One that ends before it has said who it is may be our child, if we came by an upgrade; of others
/// there are none yet that somebody waits for.
std::vector<std::string> HostDoor::adopt() {
  bool synced = false;
  auto found = DoorClient::adopt(loop_, settings_, *events_, [&synced] { synced = true; });
  if (!found) {  // there is none, any more
    reap_children();
    return {};
  }
  client_ = std::move(*found);
  loop_.run_until([&synced] { return synced; }, kSync);
  client_->on_synced({});
  if (!synced) reap_children();
  std::vector<std::string> served;
  for (const auto& [id, listener] : client_->listeners()) served.push_back(id);
  log_info("took over the door that was running", {{"listeners", served.size()}});
  return served;
}

Result<Door*> HostDoor::get() {
  if (client_) return client_.get();
  std::error_code error;
  fs::create_directories(settings_.directory, error);
  if (!error) fs::permissions(settings_.directory, fs::perms::owner_all, error);
  if (error) return make_error("cannot make " + settings_.directory + ": " + error.message());
  auto started = DoorClient::start(loop_, settings_, *events_, {});
  if (!started) return tl::unexpected(started.error());
  client_ = std::move(*started);
  return client_.get();
}

std::map<std::string, int> HostDoor::sockets() const {
  std::map<std::string, int> sockets;
  if (!client_) return sockets;
  for (const auto& [id, listener] : client_->listeners())
    if (listener.socket) sockets.emplace(socket_name(listener.socket), listener.socket.get());
  return sockets;
}

bool HostDoor::has_socket(const std::string& listener) const {
  if (!client_) return false;
  const auto found = client_->listeners().find(listener);
  return found != client_->listeners().end() && found->second.socket;
}

const std::map<std::string, DoorCounters>& HostDoor::counters() const {
  static const std::map<std::string, DoorCounters> kNone;
  return client_ ? client_->counters() : kNone;
}

void HostDoor::end() {
  if (!client_) return;
  client_->end(kEnd);
  client_.reset();
  std::error_code ignored;
  fs::remove(settings_.directory + "/door.sock", ignored);
  fs::remove(settings_.directory, ignored);
}

}  // namespace podvisor
