#include "runtime/pause_client.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "loop/stopped.h"
#include "runtime/pause_process.h"
#include "runtime/pidfd.h"

namespace podvisor {
namespace {

/// Room for the descriptors of one message, either way.
union Control {
  cmsghdr header;
  std::array<char, CMSG_SPACE(pause::kMaxDescriptors * sizeof(int))> bytes;
};

void attach(msghdr& header, Control& control, const std::vector<int>& descriptors) {
  if (descriptors.empty()) return;
  const std::size_t size = descriptors.size() * sizeof(int);
  header.msg_control = control.bytes.data();
  header.msg_controllen = CMSG_SPACE(size);
  cmsghdr* rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(size);
  std::memcpy(CMSG_DATA(rights), descriptors.data(), size);
}

/// 0 or an errno.
int send_now(int connection, std::vector<char>& bytes, const std::vector<int>& descriptors) {
  iovec part{bytes.data(), bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  Control control;
  attach(header, control, descriptors);
  return sendmsg(connection, &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ? 0 : errno;
}

std::vector<Fd> take_descriptors(msghdr& header) {
  std::vector<Fd> taken;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      taken.emplace_back(fd);
    }
  }
  return taken;
}

/// The kernel names whoever called listen(), also when that process is no more.
bool is_from(int connection, pid_t listener) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.pid == listener && (peer.uid == 0 || peer.uid == geteuid());
}

}  // namespace

Result<std::unique_ptr<PauseClient>> PauseClient::start(Loop& loop, const PauseSettings& settings,
                                                        PauseEvents& events) {
  auto process = start_pause(settings);
  if (!process) return tl::unexpected(process.error());
  std::unique_ptr<PauseClient> client(
      new PauseClient(loop, events, std::move(process->connection)));
  Fd pidfd = open_pidfd(process->pid);
  if (!pidfd) {
    const int error_number = errno;
    ::kill(process->pid, SIGKILL);
    waitpid(process->pid, nullptr, 0);
    return errno_error("cannot watch podvisor-pause", error_number);
  }
  client->watch(process->pid, std::move(pidfd));
  client->say_hello();
  return client;
}

Result<std::unique_ptr<PauseClient>> PauseClient::connect(Loop& loop, const std::string& directory,
                                                          const Expected& expected,
                                                          PauseEvents& events) {
  const std::string name = "podvisor-pause (pid " + std::to_string(expected.process.pid) + ")";
  Fd process = open_process(expected.process);
  if (!process) return make_error(name + " is no more");
  auto connection = connect_pause(directory);
  if (!connection) {
    waitpid(expected.process.pid, nullptr, WNOHANG);  // our child, if we came by an upgrade
    return tl::unexpected(connection.error());
  }
  if (!is_from(connection->get(), expected.listener))
    return make_error("it is not " + name + " that listens at " + directory);
  std::unique_ptr<PauseClient> client(new PauseClient(loop, events, std::move(*connection)));
  client->watch(expected.process.pid, std::move(process));
  client->say_hello();
  return client;
}

PauseClient::PauseClient(Loop& loop, PauseEvents& events, Fd connection)
    : loop_(loop),
      events_(events),
      connection_(std::move(connection)),
      connection_poll_(loop, connection_.get(), [this](int, int fired) { on_connection(fired); }) {
  connection_poll_.start(UV_READABLE);
}

void PauseClient::say_hello() {
  PauseMessage message;
  message.bytes.resize(pause::kMaxReply);
  pause::Writer writer(message.bytes, pause::Type::Hello, 0);
  writer.number(pause::Tag::Version, pause::kProtocolVersion);
  message.bytes.resize(writer.finish());
  send(std::move(message));
}

void PauseClient::watch(pid_t pid, Fd pidfd) {
  pid_ = pid;
  pidfd_ = std::move(pidfd);
  pidfd_poll_.emplace(loop_, pidfd_.get(), [this](int, int) { on_process_end(); });
  pidfd_poll_->start(UV_READABLE);
}

Status PauseClient::spawn(const SpawnRequest& request) {
  auto message = encode_spawn(request, version_);
  if (!message) return tl::unexpected(message.error());
  send(std::move(*message));
  return {};
}

void PauseClient::acknowledge(std::uint64_t id) { send_simple(pause::Type::Ack, id); }

void PauseClient::signal(std::uint64_t id, int signal) {
  PauseMessage message;
  message.bytes.resize(pause::kMaxReply);
  pause::Writer writer(message.bytes, pause::Type::Signal, id);
  writer.number(pause::Tag::SignalNumber, signal);
  message.bytes.resize(writer.finish());
  send(std::move(message));
}

void PauseClient::adopt(std::uint64_t id, pid_t pid, int keep) {
  PauseMessage message;
  message.bytes.resize(pause::kMaxReply);
  pause::Writer writer(message.bytes, pause::Type::Adopt, id);
  writer.number(pause::Tag::Pid, pid);
  if (keep >= 0 && version_ >= 4) {
    const std::uint32_t index = 0;
    writer.bytes(pause::Tag::Keep, &index, sizeof index);
    message.descriptors.push_back(keep);
  }
  message.bytes.resize(writer.finish());
  send(std::move(message));
}

void PauseClient::shutdown() { send_simple(pause::Type::Shutdown, 0); }

void PauseClient::kill() { signal_pidfd(pidfd_, SIGKILL); }

bool PauseClient::wake() {
  return pidfd_ && is_stopped(pid_) && signal_pidfd(pidfd_, SIGCONT) == 0;
}

void PauseClient::send_simple(pause::Type type, std::uint64_t id) {
  PauseMessage message;
  message.bytes.resize(pause::kMaxReply);
  message.bytes.resize(pause::Writer(message.bytes, type, id).finish());
  send(std::move(message));
}

void PauseClient::send(PauseMessage message) {
  if (!connection_) return;
  const bool full = !waiting_.empty() ||
                    send_now(connection_.get(), message.bytes, message.descriptors) == EAGAIN;
  if (!full) return;  // a broken connection is noticed by its Poll
  Waiting later{std::move(message.bytes), {}};
  for (const int fd : message.descriptors)
    later.descriptors.emplace_back(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  waiting_.push_back(std::move(later));
  connection_poll_.start(UV_READABLE | UV_WRITABLE);
}

void PauseClient::flush() {
  while (!waiting_.empty()) {
    std::vector<int> descriptors;
    for (const Fd& fd : waiting_.front().descriptors) descriptors.push_back(fd.get());
    if (send_now(connection_.get(), waiting_.front().bytes, descriptors) == EAGAIN) return;
    waiting_.pop_front();
  }
  connection_poll_.start(UV_READABLE);
}

void PauseClient::on_connection(int fired) {
  if ((fired & UV_WRITABLE) != 0) flush();
  while (receive_one()) {
  }
}

bool PauseClient::receive_one() {
  if (!connection_) return false;
  std::array<char, pause::kMaxReply> bytes;
  iovec part{bytes.data(), bytes.size()};
  Control control;
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.bytes.data();
  header.msg_controllen = control.bytes.size();
  const ssize_t size = recvmsg(connection_.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  pause::Reply reply;
  std::vector<Fd> descriptors;
  if (size > 0) descriptors = take_descriptors(header);  // else the header is as it was made
  const std::size_t length = size > 0 ? static_cast<std::size_t>(size) : 0;
  if (pause::decode_reply({bytes.data(), length}, reply)) {
    handle(reply, std::move(descriptors));
    return true;
  }
  give_up();  // the end, or nonsense
  return false;
}

/// A pause that does not talk to us can't be worked with: end it, and let the pod be made anew.
void PauseClient::give_up() {
  connection_poll_.stop();
  kill();
}

void PauseClient::handle(const pause::Reply& reply, std::vector<Fd> descriptors) {
  switch (reply.type) {
    case pause::Type::Welcome:
      if (reply.pid != pid_) return give_up();
      version_ = std::min<int>(reply.version, pause::kProtocolVersion);
      missing_ = reply.children;
      return finish_welcome();
    case pause::Type::SetupFailed:
      return events_.on_refused({reply.step, reply.error_number, reply.item});
    case pause::Type::Child:
      return add_child(reply, std::move(descriptors));
    case pause::Type::Spawned:
      return events_.on_spawned(reply.id, reply.pid);
    case pause::Type::SpawnFailed:
      return events_.on_spawn_failed(reply.id, {reply.step, reply.error_number, reply.item});
    case pause::Type::Exited:
      return events_.on_exited(reply.id, reply.pid, reply.wait_status);
    default:
      return;
  }
}

void PauseClient::add_child(const pause::Reply& reply, std::vector<Fd> descriptors) {
  if (!missing_) return;
  children_.push_back({reply.id, reply.pid, std::move(descriptors)});
  --*missing_;
  finish_welcome();
}

void PauseClient::finish_welcome() {
  if (missing_ != 0) return;
  missing_.reset();
  events_.on_ready(std::exchange(children_, {}));
}

void PauseClient::on_process_end() {
  // Exits that it told before it ended are still in the socket.
  on_connection(UV_READABLE);
  connection_poll_.stop();
  pidfd_poll_->stop();
  waitpid(pid_, nullptr, WNOHANG);  // ours to reap unless it was adopted
  events_.on_died();
}

}  // namespace podvisor
