#include "door/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <utility>

namespace podvisor::door {
namespace {

tl::unexpected<Error> not_an_address(const std::string& text) {
  return make_error("endpoint address \"" + text +
                    "\" is not one; it has to be ADDRESS:PORT or [ADDRESS6]:PORT");
}

Address make_ipv4(const in_addr& host, std::uint16_t port) {
  Address address;
  sockaddr_in raw{};
  raw.sin_family = AF_INET;
  raw.sin_addr = host;
  raw.sin_port = htons(port);
  *reinterpret_cast<sockaddr_in*>(&address.storage) = raw;
  address.size = sizeof raw;
  return address;
}

Address make_ipv6(const in6_addr& host, std::uint16_t port) {
  Address address;
  sockaddr_in6 raw{};
  raw.sin6_family = AF_INET6;
  raw.sin6_addr = host;
  raw.sin6_port = htons(port);
  *reinterpret_cast<sockaddr_in6*>(&address.storage) = raw;
  address.size = sizeof raw;
  return address;
}

}  // namespace

Result<Address> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return not_an_address(text);
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc() || parsed != end || port == 0) return not_an_address(text);
  std::string host = text.substr(0, colon);
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return make_ipv4(v4, port);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return make_ipv6(v6, port);
  return not_an_address(text);
}

void SocketStash::put(std::vector<Fd> sockets) {
  const std::lock_guard lock(mutex_);
  for (Fd& socket : sockets) sockets_.push_back(std::move(socket));
  asked_ = false;
}

std::optional<Fd> SocketStash::take(bool& ask) {
  const std::lock_guard lock(mutex_);
  ask = sockets_.size() <= kBatch / 2 && !asked_;
  if (ask) asked_ = true;
  if (sockets_.empty()) return std::nullopt;
  Fd socket = std::move(sockets_.back());
  sockets_.pop_back();
  return socket;
}

Endpoint::Endpoint(DoorEndpoint about, Address where, std::function<void()> changed)
    : id(std::move(about.id)),
      address(where),
      handed_over_sockets(about.handed_over_sockets),
      address_text(std::move(about.address)),
      state_(about.state),
      changed_(std::move(changed)) {}

Claim::Claim(Claim&& other) noexcept
    : endpoint_(std::move(other.endpoint_)), upgraded_(std::exchange(other.upgraded_, false)) {}

Claim& Claim::operator=(Claim&& other) noexcept {
  if (this == &other) return *this;
  release();
  endpoint_ = std::move(other.endpoint_);
  upgraded_ = std::exchange(other.upgraded_, false);
  return *this;
}

Claim Claim::take(const EndpointPtr& endpoint) {
  endpoint->in_flight_.fetch_add(1);
  Claim claim;
  claim.endpoint_ = endpoint;
  if (!endpoint->ready()) claim.release();
  return claim;
}

void Claim::upgrade() {
  if (!endpoint_ || std::exchange(upgraded_, true)) return;
  endpoint_->upgraded_.fetch_add(1);  // first: the endpoint is at no moment quiet
  endpoint_->in_flight_.fetch_sub(1);
}

void Claim::release() {
  if (!endpoint_) return;
  const EndpointPtr endpoint = std::move(endpoint_);
  endpoint_ = nullptr;
  auto& count = upgraded_ ? endpoint->upgraded_ : endpoint->in_flight_;
  upgraded_ = false;
  if (count.fetch_sub(1) == 1 && !endpoint->ready()) endpoint->changed_();
}

}  // namespace podvisor::door
