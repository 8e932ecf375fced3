// Serves one podvisor at a time over the door's socket; the newest counts. Without one the door
// goes on as it was told.
#pragma once

#include <deque>

#include "door/packet.h"
#include "door/protocol.h"
#include "door/reactor.h"
#include "door/switchboard.h"

namespace podvisor::door {

class ControlServer final : private DoorEvents {
 public:
  /// `listening`: a SOCK_SEQPACKET Unix socket. Stops `reactor` when the door is to end.
  ControlServer(Reactor& reactor, Fd listening, std::size_t workers);
  ~ControlServer() override;
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  [[nodiscard]] Status start();
  /// Accepts nothing more, and ends when no connection is left, at the latest after `timeout`.
  void retire(Duration timeout);

 private:
  /// Calls a member function when its descriptor or its time is due.
  template <void (ControlServer::*member)()>
  struct Bell final : Reactor::Watcher, Deadline {
    explicit Bell(ControlServer& to) : owner(to) {}
    void on_events(std::uint32_t) override { (owner.*member)(); }
    void on_deadline(TimePoint) override { (owner.*member)(); }
    ControlServer& owner;
  };

  void on_drained(const std::string& listener, const std::string& endpoint,
                  std::uint64_t cut) override;
  void on_checked(std::uint64_t id, int status, const std::string& error) override;
  void on_sockets_wanted(const std::string& listener, const std::string& endpoint,
                         unsigned count) override;
  void on_load(const EndpointLoad& load) override;

  void accept_connection();
  void on_connection();
  [[nodiscard]] bool receive_one();
  void drop_connection();
  void send(const Message& message, Fd descriptor = {});
  void flush();

  void handle(const message::Hello& hello, Packet& packet);
  void handle(const message::Serve& serve, Packet& packet);
  void handle(const message::StopServing& stop, Packet& packet);
  void handle(const message::Endpoints& endpoints, Packet& packet);
  void handle(const message::BackOff& back_off, Packet& packet);
  void handle(const message::Drain& drain, Packet& packet);
  void handle(const message::Check& check, Packet& packet);
  void handle(const message::Sockets& sockets, Packet& packet);
  void handle(const message::Report& report, Packet& packet);
  void handle(const message::Retire& retire, Packet& packet);
  template <typename Other>
  void handle(const Other&, Packet&);

  void tell_state();
  void report_changes();
  void report(bool everything);
  void look_whether_gone();

  Reactor& reactor_;
  Fd listening_;
  Fd connection_;
  bool welcomed_ = false;
  std::deque<Packet> unsent_;
  std::map<std::string, DoorCounters> reported_;
  std::map<std::pair<std::string, std::string>, std::pair<std::uint64_t, std::uint64_t>> loads_;
  std::optional<TimePoint> retire_by_;
  Bell<&ControlServer::accept_connection> listening_bell_{*this};
  Bell<&ControlServer::on_connection> connection_bell_{*this};
  Bell<&ControlServer::report_changes> report_bell_{*this};
  Bell<&ControlServer::look_whether_gone> retire_bell_{*this};
  Switchboard board_;
};

}  // namespace podvisor::door
