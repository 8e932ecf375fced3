#include "api/agent_check.h"

#include <sys/socket.h>
#include <uv.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "api/readiness.h"

namespace podvisor {
namespace {

constexpr std::size_t kMaxQuestions = 256;  // at a time; further ones wait to be accepted
constexpr std::size_t kMaxLine = 512;       // two names and a slash are shorter
constexpr Duration kReadPatience = std::chrono::seconds(2);

std::string answer_to(const ObjectStore& store, std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  const std::size_t slash = line.find('/');
  const bool named = slash != std::string_view::npos;
  const std::string namespace_(named ? line.substr(0, slash) : "default");
  const std::string name(named ? line.substr(slash + 1) : line);
  return agent_answer(store.find_pod(namespace_, name));
}

}  // namespace

/// One connection, until its line was answered or its time is over.
class AgentCheck::Question {
 public:
  Question(AgentCheck& owner, Fd socket)
      : owner_(owner),
        socket_(std::move(socket)),
        poll_(owner.loop_, socket_.get(), [this](int, int) { read(); }),
        timer_(owner.loop_, [this] { owner_.end(*this); }) {
    poll_.start(UV_READABLE);
    timer_.start(kReadPatience);
  }

 private:
  void read() {
    std::array<char, kMaxLine> buffer{};
    const ssize_t size = ::recv(socket_.get(), buffer.data(), kMaxLine - line_.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return owner_.end(*this);
    line_.append(buffer.data(), static_cast<std::size_t>(size));
    const std::size_t end = line_.find('\n');
    if (end == std::string::npos && line_.size() < kMaxLine) return;
    const std::string answer = answer_to(owner_.store_, std::string_view(line_).substr(0, end));
    // A few bytes on a socket that nothing was written to: they fit its buffer.
    static_cast<void>(::send(socket_.get(), answer.data(), answer.size(), MSG_NOSIGNAL));
    owner_.end(*this);
  }

  AgentCheck& owner_;
  Fd socket_;
  std::string line_;
  Poll poll_;
  Timer timer_;
};

AgentCheck::AgentCheck(Loop& loop, const ObjectStore& store, Fd listening)
    : loop_(loop),
      store_(store),
      listening_(std::move(listening)),
      poll_(loop, listening_.get(), [this](int, int) { accept(); }),
      burial_timer_(loop, [this] { bury(); }) {
  poll_.start(UV_READABLE);
}

AgentCheck::~AgentCheck() = default;

void AgentCheck::accept() {
  Fd socket(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) return;
  questions_.push_back(std::make_unique<Question>(*this, std::move(socket)));
  if (questions_.size() == kMaxQuestions) poll_.stop();
}

/// Its own callback is running: it goes when that is over.
void AgentCheck::end(const Question& question) {
  const auto found = std::ranges::find(questions_, &question, &std::unique_ptr<Question>::get);
  if (found == questions_.end()) return;
  ended_.splice(ended_.end(), questions_, found);
  burial_timer_.start(Duration(0));
}

void AgentCheck::bury() {
  ended_.clear();
  poll_.start(UV_READABLE);
}

}  // namespace podvisor
