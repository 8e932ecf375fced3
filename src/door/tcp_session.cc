#include "door/tcp_session.h"

#include <utility>

namespace podvisor::door {
namespace {

/// Blocks that one session may move before the others have their turn.
constexpr int kTurns = 16;
/// Full blocks in a row that make a stream.
constexpr int kStream = 2;

}  // namespace

TcpSession::TcpSession(std::shared_ptr<Service> service, SessionHome& home, Client client,
                       Buffer first)
    : service_(std::move(service)),
      home_(home),
      client_(service_->reactor(), std::move(client.socket), *this),
      client_number_(client.number),
      dispatch_(*service_, *this),
      up_{std::move(first)},
      down_{Buffer(service_->buffers())} {}

TcpSession::TcpSession(std::shared_ptr<Service> service, SessionHome& home, Client client,
                       UpstreamPtr upstream, Claim claim, Buffer from_client, Buffer from_upstream)
    : service_(std::move(service)),
      home_(home),
      client_(service_->reactor(), std::move(client.socket), *this),
      client_number_(client.number),
      dispatch_(*service_, *this),
      upstream_(std::move(upstream)),
      claim_(std::move(claim)),
      up_{std::move(from_client)},
      down_{std::move(from_upstream)} {
  upstream_->socket.owner(*this);
  claim_.upgrade();
  service_->counters().upgraded.add();
  counted_upgraded_ = true;
}

TcpSession::~TcpSession() {
  if (counted_upgraded_) service_->counters().upgraded.subtract();
}

void TcpSession::begin() {
  if (!client_.watch()) return finish();
  client_.expect_bytes();
  if (upstream_) return upstream_->socket.again();
  std::optional<std::uint64_t> affinity;
  if (service_->settings().session_affinity) affinity = client_number_;
  dispatch_.start(Duration::zero(), affinity);
}

void TcpSession::on_dispatched(UpstreamPtr upstream, Claim claim) {
  upstream_ = std::move(upstream);
  upstream_->socket.owner(*this);
  claim_ = std::move(claim);
  service_->counters().in_flight.add();
  relay();
}

void TcpSession::on_refused(DoorFailure why, Duration) {
  service_->counters().count_failure(why);
  client_.reset();
  finish();
}

void TcpSession::on_socket(Socket&) {
  if (over_) return;
  if (upstream_) return relay();
  if (dispatch_.holding() && up_.buffer.empty() && client_.peer_left()) {
    service_->counters().count_rejection(Rejection::ClientGone);
    finish();
  }
}

void TcpSession::relay() {
  int turns = kTurns;
  Socket& endpoint = upstream_->socket;
  if (!move(up_, client_, endpoint, turns) || !move(down_, endpoint, client_, turns))
    return break_off();
  if (over(up_) && over(down_)) return finish();
  pass_end(up_, endpoint);
  pass_end(down_, client_);
  if (turns <= 0) client_.again();
}

bool TcpSession::move(Way& way, Socket& from, Socket& to, int& turns) {
  for (bool moved = true; moved && turns > 0; --turns) {
    moved = false;
    if (!fill(way, from, moved) || !flush(way, to, moved)) return false;
  }
  return true;
}

void TcpSession::pass_end(Way& way, Socket& to) {
  if (over(way) && !std::exchange(way.passed, true)) to.shutdown_writing();
}

bool TcpSession::fill(Way& way, Socket& from, bool& moved) {
  if (way.ended || !from.readable()) return true;
  switch (receive(way, from)) {
    case Io::Moved:
      moved = true;
      return true;
    case Io::End:
      way.ended = true;
      return true;
    case Io::Blocked:
      return true;
    default:
      return false;
  }
}

/// Through a block, as long as it is a matter of messages; through a pipe once it is a stream.
Io TcpSession::receive(Way& way, Socket& from) {
  if (way.full_blocks >= kStream && !way.pipe && way.buffer.empty())
    way.pipe = service_->buffers().pipes().take();
  if (!way.pipe) {
    const Io io = from.receive(way.buffer);
    const bool full = io == Io::Moved && way.buffer.size() == BufferPool::kBlock;
    if (io != Io::Blocked) way.full_blocks = full ? way.full_blocks + 1 : 0;
    return io;
  }
  if (way.pipe->held > 0) return Io::Blocked;
  const Io io = from.receive(*way.pipe, PipePool::kSize);
  if (io == Io::Moved) return io;
  service_->buffers().pipes().give(std::move(way.pipe));
  way.full_blocks = 0;
  return io;
}

bool TcpSession::flush(Way& way, Socket& to, bool& moved) {
  if (empty(way) || !to.writable()) return true;
  if (way.pipe) {
    const Io io = to.send(*way.pipe);
    moved = moved || io == Io::Moved;
    return io != Io::Failed;
  }
  const std::string_view bytes = way.buffer.view();
  const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  std::size_t sent = 0;
  const Io io = to.send({&part, 1}, sent);
  way.buffer.consume(sent);
  moved = moved || sent > 0;
  return io != Io::Failed;
}

/// One side was reset: the other hears it the same way.
void TcpSession::break_off() {
  client_.reset();
  upstream_->socket.reset();
  finish();
}

void TcpSession::cut(DoorFailure why) {
  if (over_) return;
  service_->counters().count_failure(why);
  client_.reset();
  finish();
}

void TcpSession::end_at(TimePoint at) { set(service_->reactor().wheel(), at); }

/// The end of a drain: an orderly one, that a client answers by connecting anew.
void TcpSession::on_deadline(TimePoint) {
  if (upstream_) upstream_->socket.shutdown_writing();
  client_.shutdown_writing();
  finish();
}

void TcpSession::finish() {
  if (over_) return;
  over_ = true;
  clear();
  dispatch_.cancel();
  if (claim_ && !counted_upgraded_) service_->counters().in_flight.subtract();
  client_.close();
  if (upstream_) upstream_->socket.close();
  claim_.release();
  home_.finished(*this);
}

}  // namespace podvisor::door
