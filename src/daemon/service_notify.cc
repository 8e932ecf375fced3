#include "daemon/service_notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

constexpr Duration kStatusDelay = std::chrono::seconds(1);

std::string take_variable(const char* name) {
  const char* value = std::getenv(name);
  std::string taken = value == nullptr ? "" : value;
  ::unsetenv(name);
  return taken;
}

std::optional<std::int64_t> number_in(const char* text) {
  std::int64_t number = 0;
  if (text == nullptr || *text == '\0') return std::nullopt;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, number);
  if (error != std::errc() || stop != end || number <= 0) return std::nullopt;
  return number;
}

}  // namespace

std::string service_status(const ObjectStore& store) {
  std::size_t ready = 0;
  for (const auto& [name, object] : store.pods()) ready += is_ready(object.status) ? 1 : 0;
  const std::size_t pods = store.pods().size();
  return std::to_string(pods) + (pods == 1 ? " pod, " : " pods, ") + std::to_string(ready) +
         " of them Ready";
}

std::optional<Duration> watchdog_period(const char* usec, const char* pid, long self) {
  const auto period = number_in(usec);
  const auto whose = number_in(pid);
  if (!period || (whose && *whose != self)) return std::nullopt;
  return std::chrono::microseconds(std::min<std::int64_t>(*period, 1'000'000'000'000)) / 2;
}

ServiceNotify::ServiceNotify(Loop& loop, ObjectStore& store)
    : store_(store),
      socket_(take_variable("NOTIFY_SOCKET")),
      usec_(take_variable("WATCHDOG_USEC")),
      pid_(take_variable("WATCHDOG_PID")),
      status_timer_(loop, [this] { tell_status(); }),
      watchdog_timer_(loop, [this] { tell_that_we_live(); }) {
  if (socket_.empty()) return;
  watchdog_ = watchdog_period(usec_.c_str(), pid_.c_str(), ::getpid());
  status_timer_.keep_loop_running(false);
  watchdog_timer_.keep_loop_running(false);
  watch_ = store.watch_pods([this](ChangeType, const PodObject&) {
    if (!status_timer_.active()) status_timer_.start(kStatusDelay);
  });
}

ServiceNotify::~ServiceNotify() { store_.unwatch(watch_); }

void ServiceNotify::leave(bool again) {
  if (socket_.empty()) return;
  tell_sockets();
  if (!again) return send("STOPPING=1");
  ::setenv("NOTIFY_SOCKET", socket_.c_str(), 1);
  if (!usec_.empty()) ::setenv("WATCHDOG_USEC", usec_.c_str(), 1);
  if (!pid_.empty()) ::setenv("WATCHDOG_PID", pid_.c_str(), 1);
}

void ServiceNotify::ready() {
  if (socket_.empty()) return;
  status_ = service_status(store_);
  send("READY=1\nSTATUS=" + status_);
  tell_sockets();
  tell_that_we_live();
}

void ServiceNotify::tell_status() {
  tell_sockets();
  std::string now = service_status(store_);
  if (now == status_) return;
  status_ = std::move(now);
  send("STATUS=" + status_);
}

void ServiceNotify::tell_that_we_live() {
  if (!watchdog_) return;
  send("WATCHDOG=1");
  watchdog_timer_.start(*watchdog_);
}

void ServiceNotify::keep(Sockets sockets, std::set<std::string> kept) {
  sockets_ = std::move(sockets);
  kept_ = std::move(kept);
}

/// One that is kept and not wanted would be a port that takes connections and never answers.
void ServiceNotify::tell_sockets() {
  if (!sockets_) return;
  const std::map<std::string, int> now = sockets_();
  std::erase_if(kept_, [&](const std::string& name) {
    if (now.contains(name)) return false;
    send("FDSTOREREMOVE=1\nFDNAME=" + name);
    return true;
  });
  for (const auto& [name, socket] : now)
    if (kept_.insert(name).second) send("FDSTORE=1\nFDPOLL=0\nFDNAME=" + name, socket);
}

/// A service that cannot say how it is goes on all the same.
void ServiceNotify::send(std::string_view text, int descriptor) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  iovec part{const_cast<char*>(text.data()), text.size()};
  msghdr message{};
  message.msg_name = &address;
  message.msg_namelen = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptor)> control{};
  if (descriptor >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  }
  static_cast<void>(::sendmsg(fd.get(), &message, MSG_NOSIGNAL));
}

}  // namespace podvisor
