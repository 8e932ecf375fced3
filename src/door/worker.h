// One thread of the data plane, with everything that is its own: a loop, buffers, idle connections,
// the sessions of its clients. Other threads reach it by posting.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <unordered_map>

#include "door/acceptor.h"
#include "door/service.h"
#include "door/session.h"

namespace podvisor::door {

class Worker final : private SessionHome {
 public:
  /// Whom a new connection goes to when this worker has more than its share.
  using Team = std::vector<std::unique_ptr<Worker>>;

  Worker(std::size_t index, const Team& team) : index_(index), team_(team) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() { stop(); }

  void start();  ///< the team must be complete
  void stop();   ///< cuts every connection
  [[nodiscard]] Reactor& reactor() { return reactor_; }
  [[nodiscard]] std::size_t sessions() const { return session_count_.load(); }

  // On the worker's own thread, posted to its reactor.
  void serve(const std::shared_ptr<Listener>& listener,
             std::shared_ptr<const DoorListener> settings);
  void stop_serving(const std::string& listener);
  void set_endpoints(const std::string& listener, std::shared_ptr<const EndpointSet> endpoints);
  void end_rests(const std::string& listener);
  void look_after_held(const std::string& listener);
  /// Ends what is pinned to the endpoint, one after the other within the span.
  void end_pinned(const EndpointPtr& endpoint, Duration within);
  void cut(const EndpointPtr& endpoint);
  /// Accepts nothing more; answers say that the connection ends.
  void retire();
  [[nodiscard]] std::shared_ptr<Service> find(const std::string& listener);

 private:
  struct Served {
    std::shared_ptr<Service> service;
    std::unique_ptr<Acceptor> acceptor;
  };

  void finished(Session& session) override;
  void become(Session& session, std::unique_ptr<Session> next) override;
  [[nodiscard]] bool retiring() const override { return retiring_; }

  void accepted(const std::shared_ptr<Service>& service, Client client);
  /// The client is shared because std::function wants to be copied.
  void hand_on(Worker& worker, const std::string& listener, const std::shared_ptr<Client>& client);
  void take(const std::shared_ptr<Service>& service, Client client);
  void add(std::unique_ptr<Session> session);
  [[nodiscard]] Worker& least_busy();

  const std::size_t index_;
  const Team& team_;
  BufferPool buffers_;  ///< first: what the reactor buries gives its buffers back
  Reactor reactor_;
  std::unordered_map<std::string, Served> served_;
  std::unordered_map<Session*, std::unique_ptr<Session>> sessions_;
  std::atomic<std::size_t> session_count_{0};
  bool retiring_ = false;
  std::thread thread_;
};

}  // namespace podvisor::door
