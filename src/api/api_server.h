// The API: Kubernetes' paths on a Unix socket; metrics and readiness on TCP as well.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "api/agent_check.h"
#include "api/context.h"
#include "api/router.h"
#include "http/listen.h"
#include "http/server.h"
#include "podvisor/result.h"

namespace podvisor {

class ApiServer {
 public:
  /// Borrows everything; `store` and `ports` must outlive the server. Loop thread only.
  ApiServer(Loop& loop, ObjectStore& store, ApiPorts ports, Layout layout, const Clock& clock,
            std::function<std::string()> render_metrics, HttpLimits limits = {});

  /// Serves everything to root and to podvisor's own user. The socket goes with this object.
  [[nodiscard]] Status listen_unix(const std::string& path);
  /// Serves /metrics, /livez, /healthz, /readyz, /readyz/NAMESPACE/POD and /http_sd, and never the
  /// API. Returns the port, which the kernel has chosen where 0 was given.
  [[nodiscard]] Result<std::uint16_t> listen_tcp(const std::string& address_port);
  /// Answers HAProxy's agent checks there.
  [[nodiscard]] Status listen_agent(const std::string& address_port);
  /// podvisor ends: whoever watches is told that there is nothing more, and followed logs of what
  /// has ended are sent to their end. Runs the loop, for two seconds at most.
  void end_streams();

 private:
  [[nodiscard]] Result<std::unique_ptr<HttpServer>> serve(const RouteTable& table, Fd listening);

  ApiContext context_;
  HttpLimits limits_;
  std::unique_ptr<HttpServer> unix_server_;
  std::unique_ptr<HttpServer> tcp_server_;
  std::unique_ptr<AgentCheck> agent_check_;
  SocketFile socket_file_;  ///< last: its name goes before it is closed
};

}  // namespace podvisor
