#include "door/door_client.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "door/door_process.h"
#include "log/logger.h"
#include "loop/stopped.h"

namespace podvisor {

using namespace door;

namespace {

/// A door that ends soon after its start would otherwise be started in a circle.
constexpr Duration kRestartPause = std::chrono::milliseconds(500);
constexpr Duration kStable = std::chrono::seconds(5);

Fd duplicate(const Fd& fd) { return Fd(fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); }

}  // namespace

Result<std::unique_ptr<DoorClient>> DoorClient::adopt(Loop& loop, DoorSettings settings,
                                                      DoorEvents& events,
                                                      std::function<void()> synced) {
  auto running = connect_door(settings.directory);
  if (!running) return tl::unexpected(running.error());
  std::unique_ptr<DoorClient> client(
      new DoorClient(loop, std::move(settings), events, std::move(synced)));
  client->attach(std::move(*running));
  return client;
}

Result<std::unique_ptr<DoorClient>> DoorClient::start(Loop& loop, DoorSettings settings,
                                                      DoorEvents& events,
                                                      std::function<void()> synced) {
  std::unique_ptr<DoorClient> client(
      new DoorClient(loop, std::move(settings), events, std::move(synced)));
  if (const Status there = client->connect_or_spawn(); !there) return tl::unexpected(there.error());
  return client;
}

DoorClient::DoorClient(Loop& loop, DoorSettings settings, DoorEvents& events,
                       std::function<void()> synced)
    : loop_(loop),
      settings_(std::move(settings)),
      events_(events),
      synced_(std::move(synced)),
      restart_timer_(loop, [this] { restart(); }),
      wake_timer_(loop, [this] { wake(); }) {
  wake_timer_.keep_loop_running(false);
}

DoorClient::~DoorClient() = default;

Status DoorClient::connect_or_spawn() {
  auto running = connect_door(settings_.directory);
  if (!running) return spawn();
  attach(std::move(*running));
  return {};
}

Status DoorClient::spawn() {
  auto process =
      start_door(settings_.door_path, settings_.directory, settings_.workers, settings_.user);
  if (!process) return tl::unexpected(process.error());
  started_at_ = loop_.now().monotonic;
  attach(std::move(process->connection));
  return watch_process(process->pid, std::move(process->pidfd));
}

void DoorClient::attach(Fd connection) {
  unsent_.clear();
  connection_ = std::move(connection);
  connection_poll_.emplace(loop_, connection_.get(),
                           [this](int, int fired) { on_connection(fired); });
  connection_poll_->start(UV_READABLE);
  send(message::Hello{});
}

Status DoorClient::watch_process(pid_t pid, Fd pidfd) {
  pid_ = pid;
  pidfd_ = std::move(pidfd);
  if (!pidfd_) return errno_error("cannot watch podvisor-door", errno);
  pidfd_poll_.emplace(loop_, pidfd_.get(), [this](int, int) { on_process_end(); });
  pidfd_poll_->start(UV_READABLE);
  wake_timer_.start(kStoppedLook);
  return {};
}

/// Nobody is served by a door that stands still.
void DoorClient::wake() {
  if (!pidfd_) return;
  wake_timer_.start(kStoppedLook);
  if (is_stopped(pid_) && syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGCONT, nullptr, 0) == 0)
    log_warning("somebody has stopped the door; it goes on", {{"pid", pid_}});
}

// ---- orders ------------------------------------------------------------------------------------

void DoorClient::serve(const DoorListener& listener, Fd socket) {
  Known& known = known_[listener.id];
  known.settings = listener;
  if (socket) known.socket = std::move(socket);
  std::vector<Fd> descriptors;
  if (known.socket) descriptors.push_back(duplicate(known.socket));
  send(message::Serve{listener}, std::move(descriptors));
}

void DoorClient::stop_serving(const std::string& listener) {
  known_.erase(listener);
  back_off_.erase(listener);
  counters_.erase(listener);
  send(message::StopServing{listener});
}

void DoorClient::set_endpoints(const std::string& listener, std::vector<DoorEndpoint> endpoints) {
  const auto known = known_.find(listener);
  if (known == known_.end()) return;
  known->second.endpoints = std::move(endpoints);
  send(message::Endpoints{listener, known->second.endpoints});
}

void DoorClient::set_back_off(const std::string& listener, std::optional<Duration> remaining) {
  back_off_.erase(listener);
  if (remaining) back_off_[listener] = loop_.now().monotonic + *remaining;
  send(message::BackOff{listener, remaining});
}

void DoorClient::drain(const std::string& listener, const std::string& endpoint,
                       const DrainLimits& limits) {
  drains_.emplace(listener, endpoint);
  const auto known = known_.find(listener);
  if (known != known_.end())
    for (DoorEndpoint& one : known->second.endpoints)
      if (one.id == endpoint) one.state = EndpointState::Draining;
  send(message::Drain{listener, endpoint, limits});
}

void DoorClient::check(const std::string& listener, std::uint64_t id, const DoorCheck& check) {
  checks_.insert(id);
  send(message::Check{listener, id, check});
}

void DoorClient::give_sockets(const std::string& listener, const std::string& endpoint,
                              std::vector<Fd> sockets) {
  while (!sockets.empty()) {
    const std::size_t count = std::min(sockets.size(), kMaxDescriptors);
    std::vector<Fd> batch;
    for (std::size_t i = 0; i < count; ++i) {
      batch.push_back(std::move(sockets.back()));
      sockets.pop_back();
    }
    send(message::Sockets{listener, endpoint}, std::move(batch));
  }
}

void DoorClient::report(std::function<void()> reported) {
  reported_.push_back(std::move(reported));
  send(message::Report{});
}

void DoorClient::retire(Duration timeout) {
  retiring_ = true;
  send(message::Retire{timeout});
}

void DoorClient::end(Duration timeout) {
  constexpr Duration kMore = std::chrono::seconds(1);
  const auto gone = [this] { return pid_ == 0; };
  retire(timeout);
  loop_.run_until(gone, timeout + kMore);
  if (gone()) return;
  syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  loop_.run_until(gone, kMore);
}

// ---- the door's end and its return -------------------------------------------------------------

void DoorClient::on_process_end() {
  pidfd_poll_.reset();
  pidfd_.reset();
  // Our child, or of the podvisor that we were before an upgrade.
  if (int status = 0; waitpid(pid_, &status, WNOHANG) == pid_ && WIFSIGNALED(status))
    log_warning("the door was ended by a signal", {{"signal", WTERMSIG(status)}});
  pid_ = 0;
  if (connection_) lose_door();
  if (!retiring_)
    restart_timer_.start(loop_.now().monotonic - started_at_ > kStable ? Duration(0)
                                                                       : kRestartPause);
}

/// Its connections went with it: whatever was under way there is over.
void DoorClient::lose_door() {
  connection_poll_.reset();
  connection_.reset();
  unsent_.clear();
  finish_all();
  reported_.clear();
}

/// Nothing is under way with a door that is gone, nor with one that has just begun.
void DoorClient::finish_all() {
  for (const auto& [listener, endpoint] : std::exchange(drains_, {}))
    events_.on_drained(listener, endpoint, 0);
  for (const std::uint64_t id : std::exchange(checks_, {}))
    events_.on_checked(id, 0, "the door ended meanwhile");
}

void DoorClient::restart() {
  ++restarts_;
  log_warning("the door has ended; it is started again with the same sockets",
              {{"restarts", restarts_}});
  if (const Status spawned = spawn(); !spawned) {
    log_error(spawned.error().message);
    restart_timer_.start(kRestartPause);
    return;
  }
  retell();
}

void DoorClient::retell() {
  const TimePoint now = loop_.now().monotonic;
  for (const auto& [id, known] : known_) {
    std::vector<Fd> descriptors;
    if (known.socket) descriptors.push_back(duplicate(known.socket));
    send(message::Serve{known.settings}, std::move(descriptors));
    send(message::Endpoints{id, known.endpoints});
    const auto back_off = back_off_.find(id);
    if (back_off != back_off_.end() && back_off->second > now)
      send(message::BackOff{id, back_off->second - now});
  }
  finish_all();  // that were asked for while there was no door
}

// ---- the connection ----------------------------------------------------------------------------

void DoorClient::send(const Message& message, std::vector<Fd> descriptors) {
  if (!connection_) return;  // it will be told all when it is back
  unsent_.push_back({encode(message), std::move(descriptors)});
  flush();
}

void DoorClient::flush() {
  while (!unsent_.empty() && send_packet(connection_.get(), unsent_.front()) != Sent::Later)
    unsent_.pop_front();  // that the connection is broken is noticed when it is read
  connection_poll_->start(unsent_.empty() ? UV_READABLE : UV_READABLE | UV_WRITABLE);
}

void DoorClient::on_connection(int fired) {
  if ((fired & UV_WRITABLE) != 0) flush();
  while (connection_ && receive_one()) {
  }
}

bool DoorClient::receive_one() {
  Packet packet;
  switch (receive_packet(connection_.get(), packet)) {
    case Received::Nothing:
      return false;
    case Received::End:
      lose_door();
      // A door that has only let go of us is found again; one that has ended is started again.
      if (!pidfd_ && !retiring_) restart_timer_.start(kRestartPause);
      return false;
    case Received::Yes:
      break;
  }
  auto message = decode(packet.text);
  if (!message) {
    log_warning("the door said something that is not understood",
                {{"reason", message.error().message}});
    return true;
  }
  std::visit([&](auto& one) { handle(one, packet); }, *message);
  return true;
}

void DoorClient::handle(message::Welcome& welcome, Packet&) {
  if (pidfd_) return;
  Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, welcome.pid, 0)));
  if (const Status watched = watch_process(welcome.pid, std::move(pidfd)); !watched)
    log_error(watched.error().message);
}

/// Of a door that was running: what this podvisor has been told meanwhile counts for more.
void DoorClient::handle(message::Listener& listener, Packet& packet) {
  Known& known = known_[listener.listener.id];
  if (!packet.descriptors.empty() && !known.socket)
    known.socket = std::move(packet.descriptors.front());
  if (!known.settings.id.empty()) return;
  known.settings = std::move(listener.listener);
  known.endpoints = std::move(listener.endpoints);
}

void DoorClient::handle(message::Synced&, Packet&) {
  if (synced_) synced_();
}

void DoorClient::handle(message::Drained& drained, Packet&) {
  drains_.erase({drained.listener, drained.endpoint});
  events_.on_drained(drained.listener, drained.endpoint, drained.cut);
}

void DoorClient::handle(message::Checked& checked, Packet&) {
  checks_.erase(checked.id);
  events_.on_checked(checked.id, checked.status, checked.error);
}

void DoorClient::handle(message::SocketsWanted& wanted, Packet&) {
  events_.on_sockets_wanted(wanted.listener, wanted.endpoint, wanted.count);
}

void DoorClient::handle(message::Counters& counters, Packet&) {
  if (known_.contains(counters.listener))
    counters_[counters.listener] = std::move(counters.counters);
}

void DoorClient::handle(message::Load& load, Packet&) { events_.on_load(load.load); }

void DoorClient::handle(message::Reported&, Packet&) {
  if (reported_.empty()) return;
  const auto reported = std::move(reported_.front());
  reported_.pop_front();
  reported();
}

}  // namespace podvisor
