#include "loop/socket_poll.h"

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>

namespace podvisor {
namespace {

/// One round takes so many events; level-triggered, the rest comes with the loop's next turn.
constexpr int kEventsPerRound = 64;

std::uint64_t make_key(int fd, std::uint32_t generation) {
  return (std::uint64_t{generation} << 32) | static_cast<std::uint32_t>(fd);
}

int key_fd(std::uint64_t key) { return static_cast<int>(key & 0xffffffff); }

}  // namespace

SocketPoll::SocketPoll(Loop& loop) : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  auto handle = std::make_unique<uv_poll_t>();
  const int code = epoll_ ? uv_poll_init(loop.raw(), handle.get(), epoll_.get()) : -errno;
  if (code < 0) throw std::runtime_error(std::string("socket poll: ") + uv_strerror(code));
  handle_.reset(handle.release());
  handle_->data = this;
  uv_poll_start(handle_.get(), UV_READABLE, [](uv_poll_t* poll, int, int) {
    static_cast<SocketPoll*>(poll->data)->dispatch();
  });
  uv_unref(reinterpret_cast<uv_handle_t*>(handle_.get()));
  prepare_.reset(new uv_prepare_t);
  uv_prepare_init(loop.raw(), prepare_.get());
  prepare_->data = this;
}

SocketPoll::Entry& SocketPoll::entry(int fd) {
  const auto index = static_cast<std::size_t>(fd);
  if (entries_.size() <= index) entries_.resize(index + 1);
  return entries_[index];
}

Status SocketPoll::watch(int fd, std::uint32_t events, Watcher& watcher) {
  const auto index = static_cast<std::size_t>(fd);
  const Entry known = index < entries_.size() ? entries_[index] : Entry{};
  epoll_event event{};
  event.events = events;
  event.data.u64 = make_key(fd, known.generation);
  int code = epoll_ctl(epoll_.get(), known.in_epoll ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
  if (code < 0 && !known.in_epoll && errno == EEXIST) {  // forgotten, but never closed
    code = epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
  }
  if (code < 0) return errno_error("watching a socket", errno);
  entry(fd) = {&watcher, true, known.generation};
  return {};
}

void SocketPoll::revisit(int fd, Watcher& watcher) {
  Entry& visited = entry(fd);
  visited.watcher = &watcher;
  revisits_.push_back(make_key(fd, visited.generation));
  uv_prepare_start(prepare_.get(), [](uv_prepare_t* prepare) {
    static_cast<SocketPoll*>(prepare->data)->deliver_revisits();
  });
}

void SocketPoll::forget(int fd) {
  const auto index = static_cast<std::size_t>(fd);
  if (fd < 0 || index >= entries_.size() || entries_[index].watcher == nullptr) return;
  entries_[index] = {nullptr, false, entries_[index].generation + 1};
}

void SocketPoll::deliver_revisits() {
  uv_prepare_stop(prepare_.get());
  // By index: a visited watcher may ask for more.
  for (std::size_t i = 0; i < revisits_.size(); ++i) {
    const int fd = key_fd(revisits_[i]);
    const Entry visited = entries_[static_cast<std::size_t>(fd)];
    const bool current = revisits_[i] == make_key(fd, visited.generation);
    if (current && visited.watcher != nullptr) visited.watcher->on_socket(fd, 0);
  }
  revisits_.clear();
}

void SocketPoll::dispatch() {
  std::array<epoll_event, kEventsPerRound> events;
  const int count = epoll_wait(epoll_.get(), events.data(), kEventsPerRound, 0);
  for (int i = 0; i < count; ++i) deliver(events[static_cast<std::size_t>(i)]);
}

void SocketPoll::deliver(const epoll_event& event) {
  const int fd = key_fd(event.data.u64);
  const Entry ready = entries_[static_cast<std::size_t>(fd)];
  if (ready.watcher == nullptr) {  // forgotten: closed by now (nothing to do), or left open
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  } else if (event.data.u64 == make_key(fd, ready.generation)) {
    ready.watcher->on_socket(fd, event.events);
  }
}

}  // namespace podvisor
