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
}

Status SocketPoll::watch(int fd, std::uint32_t events, Watcher& watcher) {
  const auto index = static_cast<std::size_t>(fd);
  const Entry entry = index < entries_.size() ? entries_[index] : Entry{};
  epoll_event event{};
  event.events = events;
  event.data.u64 = make_key(fd, entry.generation);
  const bool known = entry.watcher != nullptr;
  int code = epoll_ctl(epoll_.get(), known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
  if (code < 0 && !known && errno == EEXIST) {  // forgotten, but never closed
    code = epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
  }
  if (code < 0) return errno_error("watching a socket", errno);
  if (entries_.size() <= index) entries_.resize(index + 1);
  entries_[index].watcher = &watcher;
  return {};
}

void SocketPoll::forget(int fd) {
  const auto index = static_cast<std::size_t>(fd);
  if (fd < 0 || index >= entries_.size() || entries_[index].watcher == nullptr) return;
  entries_[index].watcher = nullptr;
  ++entries_[index].generation;
}

void SocketPoll::dispatch() {
  std::array<epoll_event, kEventsPerRound> events;
  const int count = epoll_wait(epoll_.get(), events.data(), kEventsPerRound, 0);
  for (int i = 0; i < count; ++i) deliver(events[static_cast<std::size_t>(i)]);
}

void SocketPoll::deliver(const epoll_event& event) {
  const int fd = static_cast<int>(event.data.u64 & 0xffffffff);
  const Entry entry = entries_[static_cast<std::size_t>(fd)];
  if (entry.watcher == nullptr) {  // forgotten: closed by now (nothing to do), or left open
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  } else if (event.data.u64 == make_key(fd, entry.generation)) {
    entry.watcher->on_socket(fd, event.events);
  }
}

}  // namespace podvisor
