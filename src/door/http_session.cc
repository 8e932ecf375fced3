#include "door/http_session.h"

#include <utility>

#include "door/answers.h"

namespace podvisor::door {
namespace {

/// Of one session in a row, before the others have their turn.
constexpr int kSteps = 32;

}  // namespace

HttpSession::HttpSession(std::shared_ptr<Service> service, SessionHome& home, Client client)
    : service_(std::move(service)),
      home_(home),
      client_(service_->reactor(), std::move(client.socket), *this),
      client_address_(std::move(client.address)),
      client_number_(client.number),
      dispatch_(*service_, *this),
      in_(service_->buffers()),
      answer_(service_->buffers()) {}

HttpSession::~HttpSession() { count_request(-1); }

void HttpSession::begin() {
  if (!client_.watch()) return finish();
  next_request();
  client_.expect_bytes();
  run();
}

void HttpSession::count_request(int change) {
  if (counted_ == (change > 0)) return;
  counted_ = change > 0;
  if (counted_)
    service_->counters().in_flight.add();
  else
    service_->counters().in_flight.subtract();
}

void HttpSession::on_socket(Socket&) {
  if (!running_ && state_ != State::Over) run();
}

void HttpSession::run() {
  running_ = true;
  int steps = kSteps;
  while (state_ != State::Over && steps > 0 && step()) {
    --steps;
    progress_ = service_->reactor().now();
  }
  running_ = false;
  if (state_ == State::Over) return;
  if (steps == 0) client_.again();
  arm();
}

/// True: something has changed, and there may be more to do.
bool HttpSession::step() {
  switch (state_) {
    case State::Reading:
      return read_head();
    case State::Finding:
      if (dispatch_.holding() && client_.peer_left()) client_left();
      return false;
    case State::Exchanging: {
      if (client_.broken()) return client_left(), false;
      const bool sent = pump_request();
      if (state_ != State::Exchanging) return true;
      const bool answered = pump_answer();
      return sent || answered || state_ != State::Exchanging;
    }
    case State::Discarding:
      return discard_body();
    case State::Answering:
      return flush_words();
    case State::Lingering:
      return linger();
    case State::Over:
      break;
  }
  return false;
}

std::optional<TimePoint> HttpSession::deadline() const {
  const DoorListener& settings = service_->settings();
  switch (state_) {
    case State::Reading:
      return since_ + (head_begun_ ? settings.head_timeout : settings.idle_timeout);
    case State::Exchanging: {
      const bool answer_waits = words_sent_ < words_.size() || answer_framed_ > 0 || pipe_;
      const bool body_missing = !request_.done() && out_sent_ == out_.size() && !endpoint_deaf_;
      if (client_ended_ && !answer_waits) return progress_ + kHalfClosed;
      if (answer_waits || body_missing) return progress_ + kStall;
      return std::nullopt;
    }
    case State::Discarding:
    case State::Answering:
      return since_ + kStall;
    case State::Lingering:
      return since_ + kLinger;
    default:
      return std::nullopt;
  }
}

/// One that is no longer wanted is left to fire, which costs less than to take it out and put it in
/// again with every request.
void HttpSession::arm() {
  if (const auto at = deadline()) set(service_->reactor().wheel(), *at);
}

void HttpSession::on_deadline(TimePoint now) {
  const auto due = deadline();
  if (!due || *due > now) return arm();
  if (state_ == State::Exchanging && client_ended_) return client_left();
  const bool in_request = state_ == State::Exchanging || (state_ == State::Reading && head_begun_);
  if (!in_request) return finish();
  service_->counters().count_rejection(Rejection::Timeout);
  const bool answer_begun = head_passed_ && state_ == State::Exchanging;
  drop_upstream();
  if (answer_begun) {
    client_.reset();
    return finish();
  }
  answer(408);
  run();
}

void HttpSession::client_left() {
  service_->counters().count_rejection(Rejection::ClientGone);
  finish();
}

void HttpSession::answer(int status, std::string_view more_lines) {
  count_request(-1);
  service_->counters().count_status(status);
  const bool head_only = request_.head_done() && request_.head().head_method;
  words_.append(make_answer(status, more_lines, head_only));
  state_ = State::Answering;
  since_ = service_->reactor().now();
}

bool HttpSession::flush_words() {
  if (!client_.writable()) return false;
  const iovec part{words_.data() + words_sent_, words_.size() - words_sent_};
  std::size_t sent = 0;
  const Io io = client_.send({&part, 1}, sent);
  words_sent_ += sent;
  if (io == Io::Failed) return client_left(), false;
  if (words_sent_ < words_.size()) return sent > 0;
  client_.shutdown_writing();
  state_ = State::Lingering;
  since_ = service_->reactor().now();
  return true;
}

/// Closing with bytes unread would be a reset, and the client might lose what it was told.
bool HttpSession::linger() {
  if (client_ended_ || client_.broken()) return finish(), false;
  if (!client_.readable()) return false;
  in_.clear();
  const Io io = client_.receive(in_);
  if (io == Io::End || io == Io::Failed) finish();
  return io == Io::Moved;
}

void HttpSession::cut(DoorFailure why) {
  if (state_ == State::Over) return;
  service_->counters().count_failure(why);
  client_.reset();
  finish();
}

void HttpSession::finish() {
  if (state_ == State::Over) return;
  state_ = State::Over;
  clear();
  count_request(-1);
  dispatch_.cancel();
  drop_upstream();
  client_.close();
  in_.clear();
  home_.finished(*this);
}

}  // namespace podvisor::door
