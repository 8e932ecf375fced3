#include "runtime/cgroup/oom_watch.h"

#include <chrono>
#include <utility>

namespace podvisor {
namespace {

// Between the kernel's early notice and its kill lie microseconds, unless reclaim goes on or the
// machine is out of memory as a whole. A rise that comes later still is seen by whoever reads the
// counter when the container exits.
constexpr int kLooks = 50;
constexpr auto kBetweenLooks = std::chrono::milliseconds(1);

}  // namespace

OomWatch::OomWatch(Loop& loop, Source source, std::function<void()> callback)
    : source_(std::move(source)),
      callback_(std::move(callback)),
      seen_(source_.count(source_.notice.get())),
      again_(loop, [this] { look(); }),
      poll_(loop, source_.notice.get(), [this](int error, int) { on_notice(error); }) {
  poll_.start(source_.events);
}

void OomWatch::on_notice(int error) {
  if (error < 0) {
    poll_.stop();
    return;
  }
  looks_left_ = source_.early ? kLooks : 1;
  look();
}

void OomWatch::look() {
  const std::int64_t count = source_.count(source_.notice.get());
  if (count < 0) {  // the descriptor of a cgroup that is gone would fire for ever
    poll_.stop();
    return;
  }
  if (std::exchange(seen_, count) < count) {
    const auto callback = callback_;  // a copy: it may destroy this watch
    callback();
    return;
  }
  if (--looks_left_ > 0) again_.start(kBetweenLooks);
}

}  // namespace podvisor
