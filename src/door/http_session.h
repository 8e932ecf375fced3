// A client's connection in http mode. It is the door's own; each request on it goes to an endpoint
// of its own, one after the other. Bytes pass as they are, but for the lines of the head that are
// this hop's affair (head_edit.h), and are never kept whole: at most a block each way, and of a
// request as much as can still be sent again.
//
//   Reading ──head──► Finding ──endpoint──► Exchanging ──answer done──► Reading
//      │                 │                     │  ▲                        ▲
//      │ (what it is not)│ (none)              │  └─(Finding: sent again)   │
//      ▼                 ▼                     ▼                            │
//   a TcpSession      Answering ──► Lingering  Discarding (rest of a body) ─┘
#pragma once

#include "door/dispatch.h"
#include "door/framing.h"
#include "door/session.h"

namespace podvisor::door {

class HttpSession final : public Session,
                          private Dispatch::Owner,
                          private Socket::Owner,
                          private Deadline {
 public:
  static constexpr std::size_t kReplay = 64UL * 1024;  ///< of a request kept for sending it again
  static constexpr std::size_t kMaxAnswerHead = 60UL * 1024;
  static constexpr std::uint64_t kBulk = 128UL * 1024;  ///< of a body left: worth a pipe
  /// A client that stops in the middle of its body, or stops taking its answer.
  static constexpr Duration kStall = std::chrono::seconds(60);
  /// A client that has closed its side gets its answer if it comes within this.
  static constexpr Duration kHalfClosed = std::chrono::seconds(10);
  static constexpr Duration kLinger = std::chrono::seconds(2);
  /// A request that must not be sent twice uses no connection that its server may just be closing.
  static constexpr Duration kFreshEnough = std::chrono::seconds(1);

  HttpSession(std::shared_ptr<Service> service, SessionHome& home, Client client);
  ~HttpSession() override;
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  void begin() override;

  [[nodiscard]] const Endpoint* endpoint() const override { return claim_.endpoint().get(); }
  [[nodiscard]] bool pinned() const override { return false; }
  void cut(DoorFailure why) override;
  void end_at(TimePoint) override {}

 private:
  enum class State : std::uint8_t {
    Reading,     ///< a request's head
    Finding,     ///< an endpoint for it
    Exchanging,  ///< request and answer
    Discarding,  ///< the rest of a request that was answered early
    Answering,   ///< with words of the door's own; the connection ends then
    Lingering,   ///< all is said: what the client still sends is read, so that it reads us
    Over,
  };

  void on_dispatched(UpstreamPtr upstream, Claim claim) override;
  void on_refused(DoorFailure why, Duration retry_after) override;
  void on_socket(Socket& socket) override;
  void on_deadline(TimePoint now) override;

  // http_session.cc: the connection
  void run();
  [[nodiscard]] bool step();
  void arm();
  [[nodiscard]] std::optional<TimePoint> deadline() const;
  void client_left();
  void answer(int status, std::string_view more_lines = {});
  void count_request(int change);
  [[nodiscard]] bool flush_words();
  [[nodiscard]] bool linger();
  void finish();

  // http_request.cc: from the client
  void next_request();
  [[nodiscard]] bool read_head();
  [[nodiscard]] bool receive_from_client();
  void become_tcp();
  void begin_request();
  void send_again(const Endpoint* avoid);
  [[nodiscard]] bool pump_request();
  void start_request(std::string_view head_bytes);
  [[nodiscard]] bool take_in();
  [[nodiscard]] bool send_on();
  void keep_or_pass();
  [[nodiscard]] bool discard_body();
  void refuse_request(FramingError error);

  // http_answer.cc: from the endpoint
  [[nodiscard]] bool pump_answer();
  [[nodiscard]] bool is_bulk() const;
  [[nodiscard]] bool pump_bulk();
  [[nodiscard]] bool receive_answer();
  [[nodiscard]] bool frame_answer();
  void answer_head();
  void pass_interim();
  void pass_head();
  void upgrade();
  [[nodiscard]] bool send_answer();
  void finish_exchange();
  void setback(Setback setback);
  [[nodiscard]] Attempt attempt_of(Setback setback) const;
  void drop_upstream();
  void settle_upstream();
  void settle_client();

  std::shared_ptr<Service> service_;
  Counted open_{service_->counters().open_connections};
  SessionHome& home_;
  Socket client_;
  std::string client_address_;
  std::uint64_t client_number_;
  Dispatch dispatch_;
  State state_ = State::Reading;
  bool first_message_ = true;
  bool client_ended_ = false;  ///< has closed its side
  bool running_ = false;       ///< run() is on the stack
  bool counted_ = false;       ///< as in flight
  TimePoint since_;            ///< when the state, or in Reading the head, began
  TimePoint progress_;         ///< when a byte was last moved

  // The request.
  Framing request_{Framing::Kind::Request};
  Buffer in_;
  std::size_t in_looked_ = 0;  ///< how much of it was there when the head was last looked for
  bool head_begun_ = false;
  std::size_t in_framed_ = 0;  ///< bytes of in_, from its front, that belong to the request
  std::string out_;  ///< what goes to the endpoint, from the first byte on while replayable
  std::size_t out_sent_ = 0;
  bool replayable_ = true;
  bool client_stays_ = true;
  int resent_ = 0;

  // The exchange.
  UpstreamPtr upstream_;
  Claim claim_;
  bool endpoint_deaf_ = false;  ///< takes no more of the request
  std::uint64_t sent_before_ = 0;
  Framing response_{Framing::Kind::Response};
  Buffer answer_;
  std::size_t answer_framed_ = 0;
  std::string words_;  ///< a head on its way to the client, or an answer of the door's own
  std::size_t words_sent_ = 0;
  PipePtr pipe_;              ///< in use for the rest of a long body
  bool head_passed_ = false;  ///< of the final answer: the client may have seen of it
};

}  // namespace podvisor::door
