// A connection relayed as it is: tcp mode, whatever is not HTTP/1.1, and upgraded connections.
#pragma once

#include <optional>

#include "door/dispatch.h"
#include "door/session.h"

namespace podvisor::door {

class TcpSession final : public Session,
                         private Dispatch::Owner,
                         private Socket::Owner,
                         private Deadline {
 public:
  /// `first` is what the client has sent already.
  TcpSession(std::shared_ptr<Service> service, SessionHome& home, Client client, Buffer first);
  /// An upgraded connection, with what either side has sent already.
  TcpSession(std::shared_ptr<Service> service, SessionHome& home, Client client,
             UpstreamPtr upstream, Claim claim, Buffer from_client, Buffer from_upstream);
  ~TcpSession() override;
  TcpSession(const TcpSession&) = delete;
  TcpSession& operator=(const TcpSession&) = delete;

  void begin() override;

  [[nodiscard]] const Endpoint* endpoint() const override { return claim_.endpoint().get(); }
  [[nodiscard]] bool pinned() const override { return static_cast<bool>(claim_); }
  void cut(DoorFailure why) override;
  void end_at(TimePoint at) override;

 private:
  /// One direction.
  struct Way {
    Buffer buffer;
    PipePtr pipe{};       ///< in use for a stream that fills whole blocks
    int full_blocks = 0;  ///< received one after the other
    bool ended = false;   ///< the source has sent all
    bool passed = false;  ///< and the destination knows
  };

  void on_dispatched(UpstreamPtr upstream, Claim claim) override;
  void on_refused(DoorFailure why, Duration retry_after) override;
  void on_socket(Socket& socket) override;
  void on_deadline(TimePoint now) override;

  void relay();
  /// False: one of the two is broken.
  [[nodiscard]] bool move(Way& way, Socket& from, Socket& to, int& turns);
  [[nodiscard]] static bool empty(const Way& way) {
    return way.buffer.empty() && (!way.pipe || way.pipe->held == 0);
  }
  [[nodiscard]] static bool over(const Way& way) { return way.ended && empty(way); }
  static void pass_end(Way& way, Socket& to);
  [[nodiscard]] static bool flush(Way& way, Socket& to, bool& moved);
  [[nodiscard]] bool fill(Way& way, Socket& from, bool& moved);
  [[nodiscard]] Io receive(Way& way, Socket& from);
  void break_off();
  void finish();

  std::shared_ptr<Service> service_;
  Counted open_{service_->counters().open_connections};
  SessionHome& home_;
  Socket client_;
  std::uint64_t client_number_;
  Dispatch dispatch_;
  UpstreamPtr upstream_;
  Claim claim_;
  Way up_;    ///< client to endpoint
  Way down_;  ///< endpoint to client
  bool counted_upgraded_ = false;
  bool over_ = false;
};

}  // namespace podvisor::door
