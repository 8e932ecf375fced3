// A TCP server on loopback, port 0, that answers exactly as told: one script a connection, the last
// one for all that follow. Runs on a thread of its own; stops when destroyed.
#pragma once

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "podvisor/fd.h"

namespace podvisor {

struct Script {
  enum class End {
    Close,  ///< FIN
    Reset,  ///< RST
    Hold,   ///< nothing more: stays open until the peer closes or the server stops
  };
  std::string answer;
  End end = End::Close;
  bool byte_by_byte = false;
  bool read_request = true;  ///< up to the blank line, before answering
};

class ScriptedServer {
 public:
  enum class Protocol { Plain, Tls };
  explicit ScriptedServer(std::vector<Script> scripts, Protocol protocol = Protocol::Plain,
                          int family = AF_INET);
  ~ScriptedServer();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// What each connection had sent when it was answered.
  [[nodiscard]] std::vector<std::string> requests() const;
  [[nodiscard]] std::string server_name() const;  ///< SNI of the last TLS connection, or empty

 private:
  struct FreeTls {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* tls) const { SSL_free(tls); }
  };

  void listen(int family);
  void make_certificate();
  void serve();
  void serve_connection(Fd connection, const Script& script);
  [[nodiscard]] bool wait_readable(int fd) const;
  [[nodiscard]] std::string read_request(int fd, SSL* tls) const;
  void write_answer(int fd, SSL* tls, const Script& script) const;

  std::vector<Script> scripts_;
  std::unique_ptr<SSL_CTX, FreeTls> tls_;
  Fd listener_;
  Fd stop_;  ///< an eventfd, readable once the server is to stop
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::string server_name_;
  std::thread thread_;
};

}  // namespace podvisor
