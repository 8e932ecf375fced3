// Brings one request, or one connection, to an endpoint: chooses, takes an idle connection or
// dials, waits where there is nobody, and tries the next when one cannot be reached.
#pragma once

#include <optional>

#include "door/retry.h"
#include "door/service.h"

namespace podvisor::door {

class Dispatch final : private Held, private Deadline, private Socket::Owner {
 public:
  class Owner {
   public:
    /// Connected, but maybe not watched by its owner yet: set it.
    virtual void on_dispatched(UpstreamPtr upstream, Claim claim) = 0;
    /// No endpoint is to be had; try again after so long, if that is known.
    virtual void on_refused(DoorFailure why, Duration retry_after) = 0;

   protected:
    ~Owner() = default;
  };

  static constexpr Duration kConnectTimeout = std::chrono::seconds(3);

  Dispatch(Service& service, Owner& owner) : service_(service), owner_(owner) {}
  ~Dispatch() override { cancel(); }
  Dispatch(const Dispatch&) = delete;
  Dispatch& operator=(const Dispatch&) = delete;

  /// Answers at once or later, once. `max_idle`: how long a reused connection may have been idle;
  /// 0: a fresh one only.
  void start(Duration max_idle, std::optional<std::uint64_t> affinity);
  /// The same once more, within the same time, rather not at `avoid`.
  void again(const Endpoint* avoid);
  void cancel();
  [[nodiscard]] bool holding() const { return place_.has_value(); }

 private:
  void attempt();
  void dial(Claim claim);
  void wait();
  void refuse(DoorFailure why);
  [[nodiscard]] std::optional<DoorFailure> reason_not_to_wait() const;
  void leave_hold();
  void count_held();
  void connected();
  void not_connected();

  void on_released() override;
  void on_hold_timeout() override;
  void on_deadline(TimePoint now) override;
  void on_socket(Socket& socket) override;

  Service& service_;
  Owner& owner_;
  Wish wish_;
  Duration max_idle_{};
  TimePoint give_up_at_;
  DoorFailure cause_ = DoorFailure::HoldTimeout;
  std::optional<HoldQueue::Place> place_;
  TimePoint held_since_;
  UpstreamPtr dialling_;
  Claim claim_;
};

}  // namespace podvisor::door
