// HttpSession, from the client to the endpoint.
#include "door/first_bytes.h"
#include "door/head_edit.h"
#include "door/http_session.h"
#include "door/tcp_session.h"

namespace podvisor::door {
namespace {

struct Refusal {
  int status;
  Rejection why;
};

Refusal refusal_of(FramingError error) {
  switch (error) {
    case FramingError::HeadTooLarge:
      return {431, Rejection::HeadTooLarge};
    case FramingError::UnknownTransferCoding:
      return {501, Rejection::UnknownTransferCoding};
    case FramingError::Version:
      return {505, Rejection::Version};
    default:
      return {400, Rejection::Malformed};
  }
}

}  // namespace

void HttpSession::next_request() {
  constexpr std::size_t kKeptWhileIdle = 2048;
  words_.clear();
  words_sent_ = 0;
  out_.clear();
  if (out_.capacity() > kKeptWhileIdle) out_.shrink_to_fit();
  if (words_.capacity() > kKeptWhileIdle) words_.shrink_to_fit();
  out_sent_ = in_framed_ = in_looked_ = 0;
  head_begun_ = head_passed_ = false;
  request_.start(service_->settings().max_head);
  state_ = State::Reading;
  since_ = service_->reactor().now();
}

bool HttpSession::receive_from_client() {
  if (client_ended_ && state_ == State::Reading) finish();  // half a request, and no more to come
  if (client_ended_ || !client_.readable()) return false;
  switch (client_.receive(in_)) {
    case Io::Moved:
      return true;
    case Io::Blocked:
      return false;
    case Io::Failed:
      if (state_ == State::Reading && in_.empty()) return finish(), false;  // owed nothing
      return client_left(), false;
    case Io::End:
      break;
  }
  client_ended_ = true;
  if (state_ == State::Reading && first_message_ && !in_.empty()) return become_tcp(), false;
  if (state_ == State::Reading && in_.empty()) return finish(), false;
  if (!request_.done()) client_left();  // within a message
  return false;
}

bool HttpSession::read_head() {
  if (in_looked_ == in_.size() && !receive_from_client()) return false;
  while (in_framed_ == 0 && in_.view().starts_with("\r\n")) in_.consume(2);
  in_looked_ = in_.size();
  if (in_.empty()) return true;
  if (!std::exchange(head_begun_, true)) since_ = service_->reactor().now();
  if (first_message_) {
    const Speech speech = classify_first_bytes(in_.view());
    const bool too_long = in_.size() > service_->settings().max_head;
    if (speech == Speech::Unknown && !too_long) return true;
    if (speech != Speech::Http1) return become_tcp(), false;
  }
  in_framed_ += request_.feed(in_.view().substr(in_framed_));
  if (request_.error() != FramingError::None)
    refuse_request(request_.error());
  else if (request_.head_done())
    begin_request();
  return true;
}

void HttpSession::become_tcp() {
  state_ = State::Over;
  clear();
  Client client{client_.release(), std::move(client_address_), client_number_};
  home_.become(*this,
               std::make_unique<TcpSession>(service_, home_, std::move(client), std::move(in_)));
}

void HttpSession::begin_request() {
  const Head& head = request_.head();
  first_message_ = false;
  client_stays_ = head.keep_alive && !home_.retiring();
  count_request(1);
  if (head.connect_method) {
    service_->counters().count_rejection(Rejection::Method);
    return answer(405);
  }
  start_request(in_.view().substr(0, head.size));
  in_.consume(head.size);
  in_framed_ = 0;
  while (state_ == State::Reading && !in_.empty() && take_in()) {
  }
  if (state_ != State::Reading) return;  // refused, or left
  state_ = State::Finding;
  std::optional<std::uint64_t> affinity;
  if (service_->settings().session_affinity) affinity = client_number_;
  dispatch_.start(head.idempotent ? UpstreamPool::kKept : kFreshEnough, affinity);
}

void HttpSession::start_request(std::string_view head_bytes) {
  const Head& head = request_.head();
  std::string more;
  if (service_->settings().forwarded_headers) more = forwarded_lines(client_address_);
  edit_head(head_bytes, head, request_persistence(head), more, out_);
  replayable_ = true;
  resent_ = 0;
}

void HttpSession::on_dispatched(UpstreamPtr upstream, Claim claim) {
  upstream_ = std::move(upstream);
  upstream_->socket.owner(*this);
  claim_ = std::move(claim);
  sent_before_ = upstream_->sent;
  endpoint_deaf_ = false;
  response_.start(kMaxAnswerHead, request_.head().head_method);
  head_passed_ = false;
  answer_framed_ = 0;
  state_ = State::Exchanging;
  progress_ = service_->reactor().now();
  if (!running_) run();
}

void HttpSession::on_refused(DoorFailure why, Duration retry_after) {
  service_->counters().count_failure(why);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(retry_after).count();
  answer(503, "Retry-After: " + std::to_string(seconds) + "\r\n");
  if (!running_) run();
}

void HttpSession::send_again(const Endpoint* avoid) {
  ++resent_;
  service_->counters().retried.add();
  drop_upstream();
  out_sent_ = 0;
  state_ = State::Finding;
  dispatch_.again(avoid);
}

bool HttpSession::pump_request() {
  const bool taken = take_in();
  if (state_ != State::Exchanging) return true;
  const bool sent = send_on();
  return taken || sent;
}

bool HttpSession::take_in() {
  if (request_.done()) return false;
  const std::size_t used = request_.feed(in_.view().substr(in_framed_));
  in_framed_ += used;
  if (request_.error() != FramingError::None) return refuse_request(request_.error()), true;
  keep_or_pass();
  if (used > 0) return true;
  // What the endpoint does not take, the client keeps.
  const bool backlog = out_.size() - out_sent_ > kReplay;
  return state_ == State::Exchanging && !backlog && receive_from_client();
}

/// While the request can be sent again, it is kept in out_; after that it passes from in_.
void HttpSession::keep_or_pass() {
  if (in_framed_ == 0) return;
  if (out_.size() + in_framed_ > kReplay + service_->settings().max_head) replayable_ = false;
  if (!replayable_) return;
  out_.append(in_.view().substr(0, in_framed_));
  in_.consume(in_framed_);
  in_framed_ = 0;
}

bool HttpSession::send_on() {
  if (endpoint_deaf_ || !upstream_->socket.writable()) return false;
  const std::size_t kept = out_.size() - out_sent_;
  const std::size_t passing = replayable_ ? 0 : in_framed_;
  if (kept + passing == 0) return false;
  const iovec parts[] = {{out_.data() + out_sent_, kept},
                         {const_cast<char*>(in_.view().data()), passing}};
  std::size_t sent = 0;
  // Not the client's failure: there may be an answer all the same.
  if (upstream_->socket.send(parts, sent) == Io::Failed) endpoint_deaf_ = true;
  upstream_->sent += sent;
  const std::size_t of_kept = std::min(sent, kept);
  out_sent_ += of_kept;
  in_.consume(sent - of_kept);
  in_framed_ -= sent - of_kept;
  if (!replayable_ && out_sent_ == out_.size()) {
    out_.clear();
    out_sent_ = 0;
  }
  return sent > 0;
}

/// The answer came before the end of the request: what follows is read, so that the next request is
/// found where it begins.
bool HttpSession::discard_body() {
  if (request_.done()) {
    settle_client();
    return true;
  }
  const std::size_t used = request_.feed(in_.view());
  if (request_.error() != FramingError::None) return finish(), false;
  in_.consume(used);
  return used > 0 || receive_from_client();
}

void HttpSession::refuse_request(FramingError error) {
  const Refusal refusal = refusal_of(error);
  service_->counters().count_rejection(refusal.why);
  drop_upstream();
  if (head_passed_) {
    client_.reset();
    return finish();
  }
  answer(refusal.status);
}

}  // namespace podvisor::door
