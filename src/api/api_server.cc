#include "api/api_server.h"

#include <unistd.h>

#include <exception>
#include <utility>

#include "api/apply_routes.h"
#include "api/collection.h"
#include "api/delete_routes.h"
#include "api/deployment_routes.h"
#include "api/discovery_routes.h"
#include "api/exec_route.h"
#include "api/exec_session.h"
#include "api/health_routes.h"
#include "api/log_route.h"
#include "api/node_routes.h"
#include "api/pod_routes.h"
#include "api/rollout_routes.h"
#include "api/service_routes.h"
#include "api/status_json.h"
#include "http/stream.h"

namespace podvisor {
namespace {

const RouteTable kPublicRoutes{
    {"GET", "/livez", &get_health},    {"GET", "/healthz", &get_health},
    {"GET", "/readyz", &get_health},   {"GET", "/readyz/{namespace}/{name}", &get_pod_readiness},
    {"GET", "/metrics", &get_metrics}, {"GET", "/http_sd", &get_scrape_targets},
};

const RouteTable kApiRoutes{
    {"GET", "/version", &get_version},
    {"GET", "/api/v1/namespaces", &list_namespaces},
    {"POST", "/podvisor/v1/stop", &stop_all},
    {"GET", "/api/v1/pods", &list_or_watch_pods},
    {"GET", "/api/v1/namespaces/{namespace}/pods", &list_or_watch_pods},
    {"GET", "/api/v1/namespaces/{namespace}/pods/{name}", &get_pod},
    {"DELETE", "/api/v1/namespaces/{namespace}/pods/{name}", &delete_pod},
    {"POST", "/api/v1/namespaces/{namespace}/pods", &create_pod},
    {"PUT", "/api/v1/namespaces/{namespace}/pods/{name}", &apply_pod},
    {"PATCH", "/api/v1/namespaces/{namespace}/pods/{name}", &apply_pod},
    {"GET", "/api/v1/namespaces/{namespace}/pods/{name}/rollout", &get_rollout},
    {"POST", "/api/v1/namespaces/{namespace}/pods/{name}/rollout", &order_rollout},
    {"PATCH", "/api/v1/namespaces/{namespace}/pods/{name}/status", &patch_pod_status},
    {"GET", "/api/v1/namespaces/{namespace}/pods/{name}/log", &get_log},
    {"GET", "/api/v1/namespaces/{namespace}/pods/{name}/exec", &exec_in_pod},
    {"POST", "/api/v1/namespaces/{namespace}/pods/{name}/exec", &exec_in_pod},
    {"GET", "/api/v1/nodes", &list_nodes},
    {"GET", "/api/v1/nodes/{name}", &get_node},
    {"PATCH", "/api/v1/nodes/{name}", &patch_node},
    {"GET", "/api/v1/configmaps", &list_or_watch_config_maps},
    {"GET", "/api/v1/namespaces/{namespace}/configmaps", &list_or_watch_config_maps},
    {"GET", "/api/v1/namespaces/{namespace}/configmaps/{name}", &get_config_map},
    {"POST", "/api/v1/namespaces/{namespace}/configmaps", &create_config_map},
    {"PUT", "/api/v1/namespaces/{namespace}/configmaps/{name}", &apply_config_map},
    {"PATCH", "/api/v1/namespaces/{namespace}/configmaps/{name}", &apply_config_map},
    {"DELETE", "/api/v1/namespaces/{namespace}/configmaps/{name}", &delete_config_map},
    {"GET", "/api/v1/secrets", &list_or_watch_secrets},
    {"GET", "/api/v1/namespaces/{namespace}/secrets", &list_or_watch_secrets},
    {"GET", "/api/v1/namespaces/{namespace}/secrets/{name}", &get_secret},
    {"GET", "/api/v1/services", &list_or_watch_services},
    {"GET", "/api/v1/namespaces/{namespace}/services", &list_or_watch_services},
    {"GET", "/api/v1/namespaces/{namespace}/services/{name}", &get_service},
    {"GET", "/api/v1/endpoints", &list_endpoints},
    {"GET", "/api/v1/namespaces/{namespace}/endpoints", &list_endpoints},
    {"GET", "/api/v1/namespaces/{namespace}/endpoints/{name}", &get_endpoints},
    {"POST", "/api/v1/namespaces/{namespace}/secrets", &create_secret},
    {"PUT", "/api/v1/namespaces/{namespace}/secrets/{name}", &apply_secret},
    {"PATCH", "/api/v1/namespaces/{namespace}/secrets/{name}", &apply_secret},
    {"DELETE", "/api/v1/namespaces/{namespace}/secrets/{name}", &delete_secret},
    {"POST", "/api/v1/namespaces/{namespace}/services", &create_service},
    {"PUT", "/api/v1/namespaces/{namespace}/services/{name}", &apply_service},
    {"PATCH", "/api/v1/namespaces/{namespace}/services/{name}", &apply_service},
    {"DELETE", "/api/v1/namespaces/{namespace}/services/{name}", &delete_service},
    {"GET", "/apis/apps/v1/deployments", &list_or_watch_deployments},
    {"GET", "/apis/apps/v1/namespaces/{namespace}/deployments", &list_or_watch_deployments},
    {"POST", "/apis/apps/v1/namespaces/{namespace}/deployments", &create_deployment},
    {"GET", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", &get_deployment},
    {"PUT", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", &apply_deployment},
    {"PATCH", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", &patch_deployment},
    {"DELETE", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", &delete_deployment},
    {"GET", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale", &get_scale},
    {"PUT", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale", &set_scale},
    {"PATCH", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale", &set_scale},
    {"GET", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/rollout",
     &get_deployment_rollout},
    {"POST", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/rollout",
     &order_deployment_rollout},
    {"GET", "/api/v1/events", &list_or_watch_events},
    {"GET", "/api/v1/namespaces/{namespace}/events", &list_or_watch_events},
};

const RouteTable& all_routes() {
  static const RouteTable routes = [] {
    RouteTable all = kApiRoutes;
    all.insert(all.end(), kPublicRoutes.begin(), kPublicRoutes.end());
    return all;
  }();
  return routes;
}

/// The socket's mode says the same; this holds when somebody has changed it.
bool may_ask(const HttpRequest& request) {
  return !request.peer_uid || *request.peer_uid == 0 || *request.peer_uid == ::geteuid();
}

HttpReply answer(const RouteTable& table, ApiContext& context, const HttpRequest& request) {
  if (!may_ask(request))
    return failure_response({403,
                             "Forbidden",
                             "user " + std::to_string(*request.peer_uid) +
                                 " may not use podvisor's API; only root and podvisor's own may",
                             {},
                             {}});
  try {
    return route(table, context, request);
  } catch (const std::exception& error) {
    return failure_response(
        {500, "InternalError", std::string("Internal error occurred: ") + error.what(), {}, {}});
  }
}

}  // namespace

ApiServer::ApiServer(Loop& loop, ObjectStore& store, ApiPorts ports, Layout layout,
                     const Clock& clock, std::function<std::string()> render_metrics,
                     HttpLimits limits)
    : context_(ports, loop, store, clock), limits_(limits) {
  context_.layout = std::move(layout);
  context_.render_metrics = std::move(render_metrics);
}

Result<std::unique_ptr<HttpServer>> ApiServer::serve(const RouteTable& table, Fd listening) {
  return HttpServer::start(
      context_.loop, std::move(listening),
      [this, &table](const HttpRequest& request) { return answer(table, context_, request); },
      limits_);
}

Status ApiServer::listen_unix(const std::string& path) {
  auto listener = podvisor::listen_unix(path);
  if (!listener) return tl::unexpected(listener.error());
  auto server = serve(all_routes(), std::move(listener->socket));
  if (!server) return tl::unexpected(server.error());
  socket_file_ = std::move(listener->file);
  unix_server_ = std::move(*server);
  return {};
}

void ApiServer::end_streams() {
  for (const auto& watch : context_.watches)
    if (const auto stream = watch.lock()) stream->end();
  if (!unix_server_) return;
  const auto all_ended = [this] { return unix_server_->streams() == 0 && context_.execs.empty(); };
  context_.loop.run_until(all_ended, std::chrono::seconds(2));
}

Result<std::uint16_t> ApiServer::listen_tcp(const std::string& address_port) {
  auto listening = podvisor::listen_tcp(address_port);
  if (!listening) return tl::unexpected(listening.error());
  const auto port = bound_port(listening->get());
  if (!port) return port;
  auto server = serve(kPublicRoutes, std::move(*listening));
  if (!server) return tl::unexpected(server.error());
  tcp_server_ = std::move(*server);
  return port;
}

Status ApiServer::listen_agent(const std::string& address_port) {
  auto listening = podvisor::listen_tcp(address_port);
  if (!listening) return tl::unexpected(listening.error());
  agent_check_ = std::make_unique<AgentCheck>(context_.loop, context_.store, std::move(*listening));
  return {};
}

}  // namespace podvisor
