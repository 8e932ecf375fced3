#include "probes/socket_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <cctype>
#include <cstring>
#include <utility>

#include "probes/probe_port.h"

namespace podvisor {
namespace {

std::vector<SocketAddress> to_addresses(const addrinfo* list) {
  std::vector<SocketAddress> addresses;
  for (; list != nullptr; list = list->ai_next) {
    SocketAddress& address = addresses.emplace_back();
    address.size = list->ai_addrlen;
    std::memcpy(&address.storage, list->ai_addr, list->ai_addrlen);
  }
  return addresses;
}

}  // namespace

std::optional<SocketAddress> numeric_address(const std::string& host, std::uint16_t port) {
  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof(*v4);
    return address;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof(*v6);
    return address;
  }
  return std::nullopt;
}

std::string to_string(const SocketAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto size = static_cast<socklen_t>(text.size());
  if (address.storage.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
    inet_ntop(AF_INET, &v4->sin_addr, text.data(), size);
    return join_host_port(text.data(), ntohs(v4->sin_port));
  }
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
  inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), size);
  return join_host_port(text.data(), ntohs(v6->sin6_port));
}

std::string connect_error_text(int error_number) {
  std::string text = std::strerror(error_number);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(text[0]));
  return text;
}

/// Shared with the resolving thread, which may outlive the HostLookup.
struct HostLookup::Job {
  HostLookup* owner;  ///< loop thread only; null once cancelled
  std::string host;
  std::string service;
  Done done;
  int code = 0;
  std::vector<SocketAddress> addresses;

  void resolve() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    code = getaddrinfo(host.c_str(), service.c_str(), &hints, &list);
    if (code != 0) return;
    addresses = to_addresses(list);
    freeaddrinfo(list);
  }

  void report() {
    if (owner == nullptr) return;
    const std::shared_ptr<Job> kept = std::exchange(owner->job_, nullptr);
    if (code == 0) {
      done(std::move(addresses));
    } else {
      done(make_error("dial tcp: lookup " + host + ": " + gai_strerror(code)));
    }
  }
};

void HostLookup::start(const std::string& host, std::uint16_t port, Done done) {
  job_ = std::make_shared<Job>();
  job_->owner = this;
  job_->host = host;
  job_->service = std::to_string(port);
  job_->done = std::move(done);
  run_blocking(
      loop_, [job = job_] { job->resolve(); }, [job = job_] { job->report(); });
}

void HostLookup::cancel() {
  if (job_) job_->owner = nullptr;
  job_.reset();
}

}  // namespace podvisor
