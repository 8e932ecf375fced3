#include "manifest/decode.h"
#include "manifest/json_access.h"

namespace podvisor::manifest {
namespace {

PortRef decode_port_ref(const Json& port) {
  if (port.is_string()) return port.get<std::string>();
  return port.get<std::uint16_t>();
}

void decode_handler(const Json& json, Probe& probe) {
  if (const Json* http = find(json, "httpGet")) {
    probe.handler = decode_http_get(*http);
  } else if (const Json* tcp = find(json, "tcpSocket")) {
    probe.handler = decode_tcp_socket(*tcp);
  } else if (const Json* grpc = find(json, "grpc")) {
    probe.handler =
        GrpcAction{static_cast<std::uint16_t>(number(*grpc, "port")), text(*grpc, "service")};
  } else {
    probe.handler = decode_exec(json.at("exec"));
  }
}

}  // namespace

HttpGetAction decode_http_get(const Json& json) {
  HttpGetAction action;
  action.path = text(json, "path");
  action.port = decode_port_ref(json.at("port"));
  action.host = text(json, "host");
  action.scheme = text(json, "scheme");
  each(json, "httpHeaders", "", [&](const Json& header, const std::string&) {
    action.http_headers.push_back({text(header, "name"), text(header, "value")});
  });
  return action;
}

TcpSocketAction decode_tcp_socket(const Json& json) {
  return {decode_port_ref(json.at("port")), text(json, "host")};
}

ExecAction decode_exec(const Json& json) { return {strings(json, "command")}; }

Probe decode_probe(const Json& json) {
  Probe probe;
  decode_handler(json, probe);
  probe.initial_delay = Seconds(number(json, "initialDelaySeconds"));
  probe.period = Seconds(number(json, "periodSeconds"));
  probe.timeout = Seconds(number(json, "timeoutSeconds"));
  probe.success_threshold = static_cast<int>(number(json, "successThreshold"));
  probe.failure_threshold = static_cast<int>(number(json, "failureThreshold"));
  if (const Json* grace = find(json, "terminationGracePeriodSeconds")) {
    probe.termination_grace_period = Seconds(grace->get<std::int64_t>());
  }
  return probe;
}

}  // namespace podvisor::manifest
