#include "door/worker.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>

#include "door/http_session.h"
#include "door/tcp_session.h"
#include "log/logger.h"

namespace podvisor::door {

void Worker::start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), ("door-" + std::to_string(index_)).c_str());
    sigset_t broken_pipe;  // splice() has no flag against it
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    reactor_.run();
    // What lives on this thread also dies on it.
    sessions_.clear();
    served_.clear();
  });
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  reactor_.stop();
  thread_.join();
}

std::shared_ptr<Service> Worker::find(const std::string& listener) {
  const auto found = served_.find(listener);
  return found == served_.end() ? nullptr : found->second.service;
}

void Worker::serve(const std::shared_ptr<Listener>& listener,
                   std::shared_ptr<const DoorListener> settings) {
  auto [place, is_new] = served_.try_emplace(listener->id);
  Served& served = place->second;
  if (is_new) {
    served.service = std::make_shared<Service>(reactor_, buffers_, listener, index_);
    served.acceptor = std::make_unique<Acceptor>(
        reactor_, listener,
        [this, service = served.service](Client client) { accepted(service, std::move(client)); });
  }
  if (served.acceptor) served.acceptor->want_addresses(settings->forwarded_headers);
  served.service->settings(std::move(settings));
  if (!is_new || retiring_) return;
  if (const Status started = served.acceptor->start(); !started)
    log_error(started.error().message, {{"listener", listener->id}});
}

void Worker::stop_serving(const std::string& listener) {
  const auto found = served_.find(listener);
  if (found == served_.end()) return;
  const std::shared_ptr<Service> service = found->second.service;
  reactor_.bury(std::shared_ptr<Acceptor>(std::move(found->second.acceptor)));
  served_.erase(found);
  service->stop();
  reactor_.bury(service);
}

void Worker::set_endpoints(const std::string& listener,
                           std::shared_ptr<const EndpointSet> endpoints) {
  if (const auto service = find(listener)) service->endpoints(std::move(endpoints));
}

void Worker::end_rests(const std::string& listener) {
  if (const auto service = find(listener)) service->end_rests();
}

void Worker::look_after_held(const std::string& listener) {
  if (const auto service = find(listener)) service->look_after_held();
}

void Worker::end_pinned(const EndpointPtr& endpoint, Duration within) {
  std::vector<Session*> pinned;
  for (const auto& [session, kept] : sessions_)
    if (session->endpoint() == endpoint.get() && session->pinned()) pinned.push_back(session);
  const TimePoint now = reactor_.now();
  for (std::size_t i = 0; i < pinned.size(); ++i)
    pinned[i]->end_at(now + within * static_cast<Duration::rep>(i) /
                                static_cast<Duration::rep>(pinned.size()));
}

void Worker::cut(const EndpointPtr& endpoint) {
  std::vector<Session*> under_way;
  for (const auto& [session, kept] : sessions_)
    if (session->endpoint() == endpoint.get()) under_way.push_back(session);
  endpoint->cut.fetch_add(under_way.size());
  for (Session* session : under_way) session->cut(DoorFailure::DrainTimeout);
}

void Worker::retire() {
  retiring_ = true;
  for (auto& [id, served] : served_)
    reactor_.bury(std::shared_ptr<Acceptor>(std::move(served.acceptor)));
}

Worker& Worker::least_busy() {
  Worker* best = this;
  for (const auto& other : team_)
    if (other->sessions() < best->sessions()) best = other.get();
  // A small lead is not worth a letter.
  const bool worth_it = sessions() > best->sessions() + 4 + best->sessions() / 8;
  return worth_it ? *best : *this;
}

void Worker::accepted(const std::shared_ptr<Service>& service, Client client) {
  Worker& worker = least_busy();
  if (&worker == this) return take(service, std::move(client));
  hand_on(worker, service->listener().id, std::make_shared<Client>(std::move(client)));
}

/// Who has not been told of the listener yet, as a door has just begun, gives the client back.
void Worker::hand_on(Worker& worker, const std::string& listener,
                     const std::shared_ptr<Client>& client) {
  worker.reactor().post([this, &worker, listener, client] {
    if (const auto theirs = worker.find(listener)) return worker.take(theirs, std::move(*client));
    reactor_.post([this, listener, client] {
      if (const auto own = find(listener)) take(own, std::move(*client));
    });
  });
}

void Worker::take(const std::shared_ptr<Service>& service, Client client) {
  service->counters().connections.add();
  SessionHome& home = *this;
  if (service->settings().mode == DoorMode::Http)
    return add(std::make_unique<HttpSession>(service, home, std::move(client)));
  add(std::make_unique<TcpSession>(service, home, std::move(client), Buffer(buffers_)));
}

void Worker::add(std::unique_ptr<Session> session) {
  Session& added = *session;
  sessions_.emplace(&added, std::move(session));
  session_count_.store(sessions_.size(), std::memory_order_relaxed);
  added.begin();
}

void Worker::finished(Session& session) {
  const auto found = sessions_.find(&session);
  if (found == sessions_.end()) return;
  reactor_.bury(std::shared_ptr<Session>(std::move(found->second)));
  sessions_.erase(found);
  session_count_.store(sessions_.size(), std::memory_order_relaxed);
}

void Worker::become(Session& session, std::unique_ptr<Session> next) {
  finished(session);
  add(std::move(next));
}

}  // namespace podvisor::door
