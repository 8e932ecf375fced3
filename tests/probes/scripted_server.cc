#include "probes/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace podvisor {
namespace {

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("scripted server: ") + what);
}

}  // namespace

ScriptedServer::ScriptedServer(std::vector<Script> scripts, Protocol protocol, int family)
    : scripts_(std::move(scripts)), stop_(eventfd(0, EFD_CLOEXEC)) {
  if (protocol == Protocol::Tls) make_certificate();
  listen(family);
  thread_ = std::thread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

std::vector<std::string> ScriptedServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::string ScriptedServer::server_name() const {
  const std::lock_guard lock(mutex_);
  return server_name_;
}

void ScriptedServer::listen(int family) {
  listener_.reset(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_storage address{};
  address.ss_family = static_cast<sa_family_t>(family);
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
  socklen_t size = family == AF_INET ? sizeof(*v4) : sizeof(*v6);
  if (family == AF_INET) {
    v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  } else {
    v6->sin6_addr = in6addr_loopback;
  }
  auto* name = reinterpret_cast<sockaddr*>(&address);
  require(bind(listener_.get(), name, size) == 0, "bind");
  require(::listen(listener_.get(), 64) == 0, "listen");
  getsockname(listener_.get(), name, &size);
  port_ = ntohs(family == AF_INET ? v4->sin_port : v6->sin6_port);
}

/// Self-signed, valid for nobody and long expired: a probe takes any (HTTP-12).
void ScriptedServer::make_certificate() {
  tls_.reset(SSL_CTX_new(TLS_server_method()));
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
  X509_gmtime_adj(X509_getm_notAfter(certificate), -3600);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  require(SSL_CTX_use_certificate(tls_.get(), certificate) == 1, "certificate");
  require(SSL_CTX_use_PrivateKey(tls_.get(), key) == 1, "key");
  X509_free(certificate);
  EVP_PKEY_free(key);
}

bool ScriptedServer::wait_readable(int fd) const {
  std::array<pollfd, 2> polled{{{fd, POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
  poll(polled.data(), polled.size(), -1);
  return polled[1].revents == 0;
}

void ScriptedServer::serve() {
  for (std::size_t served = 0; wait_readable(listener_.get()); ++served) {
    Fd connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection) {
      serve_connection(std::move(connection), scripts_[std::min(served, scripts_.size() - 1)]);
    }
  }
}

void ScriptedServer::serve_connection(Fd connection, const Script& script) {
  const int fd = connection.get();
  std::unique_ptr<SSL, FreeTls> tls;
  if (tls_) {
    tls.reset(SSL_new(tls_.get()));
    SSL_set_fd(tls.get(), fd);
    if (SSL_accept(tls.get()) != 1) return;
    const char* name = SSL_get_servername(tls.get(), TLSEXT_NAMETYPE_host_name);
    const std::lock_guard lock(mutex_);
    server_name_ = name != nullptr ? name : "";
  }
  std::string request = script.read_request ? read_request(fd, tls.get()) : std::string();
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
  }
  write_answer(fd, tls.get(), script);
  if (script.end == Script::End::Hold) {
    char byte = 0;
    while (wait_readable(fd) && recv(fd, &byte, 1, 0) > 0) {
    }
  } else if (script.end == Script::End::Reset) {
    const linger abort{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
  } else if (tls) {
    SSL_shutdown(tls.get());
  }
}

std::string ScriptedServer::read_request(int fd, SSL* tls) const {
  std::string request;
  std::array<char, 4096> buffer;
  while (request.find("\r\n\r\n") == std::string::npos) {
    if (tls == nullptr && !wait_readable(fd)) break;
    const auto got = tls != nullptr
                         ? ssize_t{SSL_read(tls, buffer.data(), static_cast<int>(buffer.size()))}
                         : recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    request.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return request;
}

void ScriptedServer::write_answer(int fd, SSL* tls, const Script& script) const {
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  const std::size_t step = script.byte_by_byte ? 1 : script.answer.size();
  for (std::size_t sent = 0; sent < script.answer.size(); sent += step) {
    const std::string part = script.answer.substr(sent, step);
    const bool ok = tls != nullptr ? SSL_write(tls, part.data(), static_cast<int>(part.size())) > 0
                                   : send(fd, part.data(), part.size(), MSG_NOSIGNAL) > 0;
    if (!ok) return;  // the peer has heard enough
  }
}

}  // namespace podvisor
