// nginx behind a host port of a podvisor that serves, and clients of all kinds that count what goes
// wrong while a test does something to it: the rows of issue 5's acceptance table, short.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "e2e/host.h"
#include "traffic/load.h"

namespace podvisor {

class Acceptance : public Host {
 protected:
  static constexpr std::uint16_t kPort = 8080;

  void SetUp() override;

  /// The path of a configuration of nginx that answers "version VERSION".
  [[nodiscard]] std::string nginx_conf(const std::string& version, int port = 80) const;
  /// A pod "web" of nginx that answers "version VERSION", on the host port kPort.
  [[nodiscard]] std::string web(const std::string& version, const std::string& annotations = "",
                                const std::string& sidecar = "") const;
  /// A sidecar that allocates past its limit as soon as there is a file DIR/go, and touches
  /// `marker` before.
  [[nodiscard]] std::string greedy_sidecar(const std::string& marker = "/dev/null") const;
  /// The same with a server in nginx' place that reads a request whole, then answers with its
  /// version, and echoes on a connection that is upgraded.
  [[nodiscard]] std::string echo(const std::string& version,
                                 const std::string& annotations = "") const;
  /// Serves it, and returns when it answers.
  void start(const std::string& manifest, const std::vector<std::string>& more = {});

  static std::string answer(const std::string& path = "/");
  /// Within some time clients get this version.
  void expect_version(const std::string& version) const;

  /// Clients of all four kinds: GET and POST, on a connection that is kept and on new ones.
  void begin_load(int clients = setting("PODVISOR_LOAD_CLIENTS", 32) / 4);
  /// Until every kind of client has had more answers.
  void go_on(std::uint64_t requests = 100) const;
  void expect_none_failed();

  [[nodiscard]] int door_pid() const;

 private:
  static int setting(const char* name, int otherwise);
  static std::chrono::seconds span();
  std::vector<std::unique_ptr<Load>> loads_;
};

}  // namespace podvisor
