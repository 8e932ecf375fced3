// The gate before a switch: one request to an endpoint, over the path that clients' requests take.
#pragma once

#include <functional>

#include "door/framing.h"
#include "door/service.h"

namespace podvisor::door {

class Check final : public std::enable_shared_from_this<Check>,
                    private Socket::Owner,
                    private Deadline {
 public:
  /// `error` empty: `status` is the answer's, 0 in tcp mode. Called once, on the worker's thread.
  using Done = std::function<void(int status, std::string error)>;
  Check(std::shared_ptr<Service> service, EndpointPtr endpoint, DoorCheck about, Done done);
  /// Keeps itself until it is done.
  void start();

 private:
  void on_socket(Socket& socket) override;
  void on_deadline(TimePoint now) override;
  [[nodiscard]] Status dial();
  void send_request();
  void receive();
  void finish(int status, const std::string& error);

  std::shared_ptr<Service> service_;
  EndpointPtr endpoint_;
  DoorCheck about_;
  Done done_;
  std::shared_ptr<Check> self_;
  UpstreamPtr upstream_;
  bool requested_ = false;
  Framing response_{Framing::Kind::Response};
  Buffer answer_;
};

}  // namespace podvisor::door
