#include "door/reactor.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <stdexcept>
#include <utility>

namespace podvisor::door {
namespace {

constexpr int kEventsPerTurn = 128;
constexpr Duration kForever = Duration::max();

TimePoint clock_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

}  // namespace

Reactor::Reactor()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      bell_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      now_(clock_now()),
      wheel_(now_) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;  // the bell
  if (!epoll_ || !bell_ || epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, bell_.get(), &event) != 0)
    throw std::runtime_error("cannot make an event loop");
}

Reactor::~Reactor() = default;

Status Reactor::add(int fd, std::uint32_t events, Watcher& watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    return errno_error("cannot watch a socket", errno);
  return {};
}

void Reactor::remove(int fd) { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

void Reactor::again(Watcher& watcher) {
  if (std::exchange(watcher.again_, true)) return;
  again_.push_back(&watcher);
}

void Reactor::not_again(Watcher& watcher) {
  if (!std::exchange(watcher.again_, false)) return;
  std::replace(again_.begin(), again_.end(), &watcher, static_cast<Watcher*>(nullptr));
}

void Reactor::bury(std::shared_ptr<void> dead) { buried_.push_back(std::move(dead)); }

void Reactor::post(std::function<void()> letter) {
  {
    const std::lock_guard lock(mutex_);
    letters_.push_back(std::move(letter));
    if (letters_.size() > 1) return;  // the bell has been rung
  }
  eventfd_write(bell_.get(), 1);
}

void Reactor::run() {
  stopping_ = false;
  while (!stopping_) turn(kForever);
}

void Reactor::stop() {
  post([this] { stopping_ = true; });
}

int Reactor::wait_for(Duration at_most) const {
  if (!again_.empty()) return 0;
  Duration wait = at_most;
  if (const auto next = wheel_.next()) wait = std::min(wait, std::max(*next - now_, Duration(0)));
  if (wait == kForever) return -1;
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  return static_cast<int>(std::min<std::int64_t>(rounded, std::numeric_limits<int>::max()));
}

void Reactor::turn(Duration wait_at_most) {
  std::array<epoll_event, kEventsPerTurn> events;
  const int count = epoll_wait(epoll_.get(), events.data(), kEventsPerTurn, wait_for(wait_at_most));
  now_ = clock_now();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr == nullptr)
      read_letters();
    else
      static_cast<Watcher*>(event.data.ptr)->on_events(event.events);
  }
  run_again();
  wheel_.advance(now_);
  while (!buried_.empty()) {  // what dies may bury others
    const auto dead = std::exchange(buried_, {});
  }
}

void Reactor::read_letters() {
  eventfd_t rings = 0;
  eventfd_read(bell_.get(), &rings);
  std::vector<std::function<void()>> letters;
  {
    const std::lock_guard lock(mutex_);
    letters = std::exchange(letters_, {});
  }
  for (const auto& letter : letters) letter();
}

void Reactor::run_again() {
  // Those that ask once more have to wait for the next turn.
  const auto waiting = std::exchange(again_, {});
  for (Watcher* watcher : waiting)
    if (watcher != nullptr && std::exchange(watcher->again_, false)) watcher->on_events(0);
}

}  // namespace podvisor::door
