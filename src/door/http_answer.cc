// HttpSession, from the endpoint to the client.
#include "door/head_edit.h"
#include "door/http_session.h"
#include "door/tcp_session.h"

namespace podvisor::door {

bool HttpSession::pump_answer() {
  if (is_bulk()) return pump_bulk();
  bool moved = false;
  // All that is there, before more is asked for: behind it may be the end.
  while (frame_answer()) {
    moved = true;
    if (state_ != State::Exchanging) return true;
  }
  moved = send_answer() || moved;
  if (state_ != State::Exchanging) return true;
  if (is_bulk()) return pump_bulk() || moved;  // before the block is filled anew
  return receive_answer() || moved;
}

/// Nothing but the rest of a long body is on its way.
bool HttpSession::is_bulk() const {
  if (pipe_) return true;
  return head_passed_ && words_.empty() && answer_.empty() && response_.body_left() >= kBulk;
}

bool HttpSession::pump_bulk() {
  PipePool& pipes = service_->buffers().pipes();
  if (!pipe_ && !(pipe_ = pipes.take())) return receive_answer();
  if (pipe_->held == 0) {
    if (!upstream_->socket.readable()) return false;
    const std::uint64_t left = std::min<std::uint64_t>(response_.body_left(), PipePool::kSize);
    const Io io = upstream_->socket.receive(*pipe_, left);
    if (io == Io::Blocked) return false;
    if (io != Io::Moved) return setback(Setback::HungUp), true;
    if (pipe_->held == 0) return true;  // interrupted
    response_.pass_body(pipe_->held);
  }
  if (!client_.writable()) return false;
  const Io io = client_.send(*pipe_);
  if (io == Io::Failed) return client_left(), true;
  if (pipe_->held == 0 && response_.done()) {
    pipes.give(std::move(pipe_));
    finish_exchange();
  }
  return io == Io::Moved;
}

bool HttpSession::receive_answer() {
  const bool backlog = words_.size() - words_sent_ > kMaxAnswerHead;  // of interim answers
  if (response_.done() || backlog || !upstream_->socket.readable()) return false;
  const Io io = upstream_->socket.receive(answer_);
  if (io == Io::Moved) return true;
  if (io == Io::Blocked) return false;
  if (io == Io::End) response_.feed_end();
  if (!response_.done()) setback(Setback::HungUp);
  return true;
}

bool HttpSession::frame_answer() {
  if (response_.done()) return false;
  const std::size_t used = response_.feed(answer_.view().substr(answer_framed_));
  if (response_.error() != FramingError::None) return setback(Setback::BadAnswer), true;
  answer_framed_ += used;
  if (!head_passed_ && response_.head_done()) answer_head();
  return used > 0;
}

void HttpSession::answer_head() {
  const int status = response_.head().status;
  if (status == 101) return upgrade();
  if (status < 200) return pass_interim();
  if (status >= 502 && status <= 504 && judge(attempt_of(Setback::Unavailable)) == Verdict::Retry)
    return send_again(claim_.endpoint().get());
  pass_head();
}

void HttpSession::pass_interim() {
  const std::size_t size = response_.head().size;
  if (!request_.head().http10) words_.append(answer_.view().substr(0, size));
  answer_.consume(size);
  answer_framed_ = 0;
  response_.start(kMaxAnswerHead, request_.head().head_method);
}

void HttpSession::pass_head() {
  const Head& head = response_.head();
  if (head.until_close || home_.retiring()) client_stays_ = false;
  edit_head(answer_.view().substr(0, head.size), head,
            response_persistence(request_.head(), head, client_stays_), {}, words_);
  answer_.consume(head.size);
  answer_framed_ -= head.size;
  head_passed_ = true;
  service_->counters().count_status(head.status);
}

/// From here on the connection belongs to the two ends, and stays where it is.
void HttpSession::upgrade() {
  const bool sent = request_.done() && out_sent_ == out_.size();
  if (!request_.head().upgrade || !sent) return setback(Setback::BadAnswer);
  service_->counters().count_status(101);
  Buffer to_client(service_->buffers());
  to_client.append(std::string_view(words_).substr(words_sent_));
  to_client.append(answer_.view());
  state_ = State::Over;
  clear();
  count_request(-1);
  Client client{client_.release(), std::move(client_address_), client_number_};
  home_.become(
      *this, std::make_unique<TcpSession>(service_, home_, std::move(client), std::move(upstream_),
                                          std::move(claim_), std::move(in_), std::move(to_client)));
}

bool HttpSession::send_answer() {
  const std::size_t words = words_.size() - words_sent_;
  const std::size_t body = head_passed_ ? answer_framed_ : 0;
  if (words + body == 0) {
    if (head_passed_ && response_.done()) return finish_exchange(), true;
    return false;
  }
  if (!client_.writable()) return false;
  const iovec parts[] = {{words_.data() + words_sent_, words},
                         {const_cast<char*>(answer_.view().data()), body}};
  std::size_t sent = 0;
  if (client_.send(parts, sent) == Io::Failed) return client_left(), true;
  const std::size_t of_words = std::min(sent, words);
  words_sent_ += of_words;
  if (words_sent_ == words_.size()) {
    words_.clear();
    words_sent_ = 0;
  }
  answer_.consume(sent - of_words);
  answer_framed_ -= sent - of_words;
  if (sent == words + body && head_passed_ && response_.done()) finish_exchange();
  return sent > 0;
}

void HttpSession::finish_exchange() {
  count_request(-1);
  settle_upstream();
  claim_.release();
  service_->hold().count_served();
  answer_.clear();
  answer_framed_ = 0;
  if (request_.done()) return settle_client();
  state_ = State::Discarding;
  since_ = service_->reactor().now();
}

/// Back to the others, if both sides have said all they had to say, and mean to go on.
void HttpSession::settle_upstream() {
  Socket& socket = upstream_->socket;
  const bool all_sent = request_.done() && out_sent_ == out_.size() && in_framed_ == 0;
  const bool all_read = answer_.empty() && !socket.peer_closed() && socket.drained();
  const bool stays = response_.head().keep_alive && !response_.head().until_close;
  if (all_sent && all_read && stays && !endpoint_deaf_)
    service_->pool().put(std::move(upstream_));
  else
    drop_upstream();
}

void HttpSession::settle_client() {
  if (client_stays_ && !(client_ended_ && in_.empty())) return next_request();
  if (client_ended_ || (in_.empty() && !client_.readable())) return finish();
  client_.shutdown_writing();
  state_ = State::Lingering;
  since_ = service_->reactor().now();
}

Attempt HttpSession::attempt_of(Setback setback) const {
  Attempt attempt;
  attempt.setback = setback;
  attempt.idempotent = request_.head().idempotent;
  attempt.replayable = replayable_;
  attempt.unread = setback == Setback::HungUp && took_nothing_since(*upstream_, sent_before_);
  attempt.endpoint_ready = claim_.endpoint()->ready();
  attempt.resent = resent_;
  return attempt;
}

void HttpSession::setback(Setback setback) {
  if (head_passed_) {
    service_->counters().count_failure(DoorFailure::Truncated);
    client_.reset();  // an orderly end could be taken for the end of the body
    return finish();
  }
  if (judge(attempt_of(setback)) == Verdict::Retry) return send_again(claim_.endpoint().get());
  service_->counters().count_failure(failure_of(setback));
  drop_upstream();
  answer(502);
}

void HttpSession::drop_upstream() {
  if (upstream_) {
    upstream_->socket.close();
    service_->reactor().bury(std::shared_ptr<Upstream>(std::move(upstream_)));
  }
  claim_.release();
  pipe_.reset();
  answer_.clear();
  answer_framed_ = 0;
}

}  // namespace podvisor::door
