#include "daemon/unwritten.h"

#include <algorithm>
#include <utility>

#include "log/logger.h"

namespace podvisor {
namespace {

constexpr Duration kFirstPause = std::chrono::seconds(1);
constexpr Duration kLongestPause = std::chrono::seconds(30);

}  // namespace

Unwritten::Unwritten(Loop& loop, ObjectStore& store, StateDirectory& journal, std::string node)
    : loop_(loop),
      store_(store),
      journal_(journal),
      node_(std::move(node)),
      pause_(kFirstPause),
      timer_(loop, [this] { try_again(); }) {
  timer_.keep_loop_running(false);
  journal_.on_failure([this](const Error& error) { failed(error); });
}

/// Said once, and its end.
void Unwritten::failed(const Error& error) {
  if (std::exchange(failing_, true)) return;
  timer_.start(pause_ = kFirstPause);
  say(true, "StateNotWritten",
      "cannot write down what is: a podvisor that starts anew will not know it; it is tried again "
      "until it can be: " +
          error.message);
}

void Unwritten::try_again() {
  if (!journal_.retry()) return timer_.start(pause_ = std::min(pause_ * 2, kLongestPause));
  failing_ = false;
  say(false, "StateWritten", "what is has been written down again");
}

void Unwritten::say(bool warning, const std::string& reason, const std::string& message) {
  EventObject event;
  event.namespace_ = "default";
  event.involved_name = node_;
  event.warning = warning;
  event.reason = reason;
  event.message = message;
  if (warning)
    log_warning(message, {{"reason", reason}});
  else
    log_info(message, {{"reason", reason}});
  store_.record(std::move(event), loop_.now().wall);
}

}  // namespace podvisor
