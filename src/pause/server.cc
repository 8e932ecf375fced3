#include "pause/server.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "pause/kernel.h"
#include "pause/launch.h"
#include "pause/setup.h"

namespace podvisor::pause {
namespace {

// Never touched beyond what a message needs: untouched pages cost no memory.
alignas(4096) char message_buffer[kMaxMessage];
char* string_arena[kMaxStrings];
Request request_buffer;

union ControlBuffer {
  cmsghdr header;
  char bytes[CMSG_SPACE(kMaxDescriptors * sizeof(int))];
};
ControlBuffer control_buffer;

/// A large environment would otherwise stay in memory for the life of the pod, and so would
/// Secrets.
void forget_message(std::size_t size) {
  if (size > 4096)
    sys(SYS_madvise, message_buffer, sizeof message_buffer, MADV_DONTNEED);
  else
    std::memset(message_buffer, 0, size);
}

bool may_connect(int connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return sys(SYS_getsockopt, connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == 0 || peer.uid == static_cast<uid_t>(sys(SYS_geteuid)));
}

/// The kernel puts all descriptors of a message into one part, and nothing else is asked for.
std::size_t take_descriptors(const msghdr& header, int (&descriptors)[kMaxDescriptors]) {
  const cmsghdr* part = CMSG_FIRSTHDR(&header);
  if (part == nullptr || part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) return 0;
  const std::size_t size = part->cmsg_len - CMSG_LEN(0);
  std::memcpy(descriptors, CMSG_DATA(part), size);
  return size / sizeof(int);
}

long accept_next() { return sys(SYS_accept4, kListenFd, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK); }

bool send_reply(int connection, const Reply& reply, std::span<const int> descriptors) {
  char bytes[kMaxReply];
  iovec part{bytes, encode_reply(reply, bytes)};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  union {
    cmsghdr align;
    char space[CMSG_SPACE(kMaxKept * sizeof(int))];
  } control{};
  if (!descriptors.empty()) {
    header.msg_control = control.space;
    header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
  }
  return sys(SYS_sendmsg, connection, &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

/// From now on they are the child's, and not the message's any more.
void keep(const Bounded<int, kMaxKept>& kept, Child& child, std::span<int> descriptors) {
  for (const int fd : kept.span())
    if (child.kept.push(fd)) std::replace(descriptors.begin(), descriptors.end(), fd, -1);
}

}  // namespace

void Server::run() {
  while (!shutdown_ && !children_.init_ended()) {
    const auto events = static_cast<short>(POLLIN | (congested_ ? POLLOUT : 0));
    pollfd watched[] = {{signal_fd_, POLLIN, 0}, {kListenFd, POLLIN, 0}, {connection_, events, 0}};
    if (sys(SYS_ppoll, watched, 3, 0, 0, 0) < 0) continue;
    if (watched[2].revents != 0) receive();
    if (watched[1].revents != 0) accept_connection();
    signalfd_siginfo ignored;
    if (watched[0].revents != 0 && sys(SYS_read, signal_fd_, &ignored, sizeof ignored) > 0)
      children_.reap();
    tell_all();
  }
}

void Server::accept_connection() {
  const int connection = static_cast<int>(accept_next());
  if (connection < 0) return;
  if (!may_connect(connection)) {
    close_fd(connection);
    return;
  }
  drop_connection();
  connection_ = connection;
}

void Server::drop_connection() {
  if (connection_ >= 0) close_fd(connection_);
  connection_ = -1;
  welcomed_ = congested_ = false;
  children_.forget_told();
}

void Server::receive() {
  // Bounded, so that exits and new connections have their turn.
  for (int i = 0; i < 16 && connection_ >= 0 && !shutdown_; ++i)
    if (!receive_one()) return;
}

bool Server::receive_one() {
  iovec part{message_buffer, sizeof message_buffer};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control_buffer.bytes;
  header.msg_controllen = sizeof control_buffer.bytes;
  const long size = sys(SYS_recvmsg, connection_, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (size == -EAGAIN || size == -EINTR) return false;
  if (size <= 0) {
    drop_connection();
    return false;
  }
  int descriptors[kMaxDescriptors];
  const std::size_t count = take_descriptors(header, descriptors);
  const bool whole = (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
  handle({message_buffer, whole ? static_cast<std::size_t>(size) : 0}, {descriptors, count});
  for (std::size_t i = 0; i < count; ++i)
    if (descriptors[i] >= 0) close_fd(descriptors[i]);
  forget_message(static_cast<std::size_t>(size));
  return true;
}

/// Descriptors that are kept are set to -1; the caller closes the others.
void Server::handle(std::span<char> message, std::span<int> descriptors) {
  Request& request = request_buffer;
  if (!decode_request(message, descriptors, string_arena, request)) {
    if (request.type != Type::Spawn || !welcomed_) return drop_connection();
    return fail(request.id, {Step::Request, EBADMSG});
  }
  if (request.type == Type::Hello) return welcome();
  if (!welcomed_) return drop_connection();
  if (request.type == Type::Spawn) spawn(request, descriptors);
  if (request.type == Type::Ack) acknowledge(request.id);
  if (request.type == Type::Signal) signal(request);
  if (request.type == Type::Adopt) adopt(request, descriptors);
  if (request.type == Type::Shutdown) shutdown_ = true;
}

void Server::welcome() {
  children_.forget_told();
  Reply reply;
  reply.type = Type::Welcome;
  reply.version = kProtocolVersion;
  reply.pid = static_cast<pid_t>(sys(SYS_getpid));
  reply.children = children_.count();
  welcomed_ = send(reply);
}

void Server::spawn(Request& request, std::span<int> descriptors) {
  Failure failure;
  if (children_.find(request.id) != nullptr) return fail(request.id, {Step::Request, EEXIST});
  Child* child = children_.add(request.id);
  if (child == nullptr) return drop_connection();
  const bool outside = request.spawn.foster && children_.has_init();
  child->pid = outside ? launch_outside(request.spawn, failure) : launch(request.spawn, failure);
  if (child->pid == 0) {
    child->state = Child::State::Failed;
    child->failure = failure;
    return;
  }
  child->foster = request.spawn.foster;
  keep(request.spawn.kept, *child, descriptors);
}

void Server::fail(std::uint64_t id, const Failure& failure) {
  Child* child = children_.add(id);
  if (child == nullptr) return drop_connection();
  child->state = Child::State::Failed;
  child->failure = failure;
}

void Server::acknowledge(std::uint64_t id) {
  const Child* child = children_.find(id);
  if (child != nullptr && child->state == Child::State::Exited) children_.erase(child);
}

/// Only what became ours when its parent, a child with `foster`, had ended: reaping first tells
/// whether it lives.
void Server::adopt(const Request& request, std::span<int> descriptors) {
  children_.reap();
  Child* child = children_.find(request.id);
  if (child == nullptr || !child->foster || child->state != Child::State::Exited) return;
  keep(request.spawn.kept, *child, descriptors);
  children_.adopt(*child, request.pid);
}

/// The pid is safe from reuse: nobody else reaps it.
void Server::signal(const Request& request) {
  children_.reap();
  const Child* child = children_.find(request.id);
  if (child != nullptr && child->state == Child::State::Running)
    sys(SYS_kill, child->pid, request.signal);
}

/// Starts before ends, so that a new connection knows every child before the first exit.
void Server::tell_all() {
  congested_ = false;
  if (!welcomed_) return;
  for (Child* child = children_.first(); child != nullptr && !congested_;) {
    Child* next = child->next;
    tell_start(*child);
    child = next;
  }
  for (Child* child = children_.first(); child != nullptr && !congested_; child = child->next)
    tell_end(*child);
}

void Server::tell_start(Child& child) {
  if (child.told != Child::Told::Nothing) return;
  Reply reply;
  reply.id = child.id;
  reply.pid = child.pid;
  if (child.state == Child::State::Failed) {
    reply.type = Type::SpawnFailed;
    reply.step = child.failure.step;
    reply.error_number = child.failure.error_number;
    reply.item = child.failure.item;
    if (send(reply)) children_.erase(&child);
    return;
  }
  reply.type = child.inherited ? Type::Child : Type::Spawned;
  if (send(reply, child.inherited ? child.kept.span() : std::span<const int>{}))
    child.told = Child::Told::Start;
}

void Server::tell_end(Child& child) {
  if (child.told != Child::Told::Start || child.state != Child::State::Exited) return;
  Reply reply;
  reply.type = Type::Exited;
  reply.id = child.id;
  reply.pid = child.pid;
  reply.wait_status = child.wait_status;
  if (send(reply)) child.told = Child::Told::End;
}

/// A broken connection is noticed, and dropped, when it is read.
bool Server::send(const Reply& reply, std::span<const int> descriptors) {
  if (send_reply(connection_, reply, descriptors)) return true;
  congested_ = true;
  return false;
}

void refuse(const Failure& failure) {
  const int connection = static_cast<int>(accept_next());
  if (connection < 0) return;
  Reply reply;
  reply.type = Type::SetupFailed;
  reply.step = failure.step;
  reply.error_number = failure.error_number;
  reply.item = failure.item;
  send_reply(connection, reply, {});
}

}  // namespace podvisor::pause
