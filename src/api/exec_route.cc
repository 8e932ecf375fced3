#include "api/exec_route.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "api/exec_channels.h"
#include "api/exec_session.h"
#include "api/log_options.h"
#include "api/parameters.h"
#include "api/status_json.h"

namespace podvisor {
namespace {

constexpr std::size_t kMaxExecs = 256;

std::string header(const HttpRequest& request, const std::string& name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string() : found->second;
}

bool is_websocket(const HttpRequest& request) {
  std::string upgrade = header(request, "upgrade");
  std::transform(upgrade.begin(), upgrade.end(), upgrade.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return request.method == "GET" && upgrade == "websocket" &&
         header(request, "sec-websocket-version") == "13" &&
         !header(request, "sec-websocket-key").empty();
}

std::uint16_t side(const HttpRequest& request, const std::string& name) {
  const auto number = integer_parameter(request, name);
  const std::int64_t side = number ? number->value_or(0) : 0;
  return side > 0 && side <= 0xFFFF ? static_cast<std::uint16_t>(side) : std::uint16_t{0};
}

Result<ExecRequest> parse_exec(const HttpRequest& request) {
  ExecRequest exec;
  const auto [begin, end] = request.query.equal_range("command");
  for (auto each = begin; each != end; ++each) exec.argv.push_back(each->second);
  if (exec.argv.empty()) return make_error("you must specify at least one command");
  exec.tty = flag_parameter(request, "tty");
  exec.stdin = flag_parameter(request, "stdin");
  exec.stdout = flag_parameter(request, "stdout");
  exec.stderr = flag_parameter(request, "stderr") && !exec.tty;
  if (!exec.stdin && !exec.stdout && !exec.stderr && !exec.tty)
    return make_error("you must specify at least 1 of stdin, stdout, stderr");
  exec.size = {side(request, "columns"), side(request, "rows")};
  return exec;
}

/// The run that goes on now.
Result<ContainerRef> find_running(const PodObject& pod, const std::string& container) {
  const auto instance = choose_instance(pod, {container, false, false, {}});
  if (!instance) return tl::unexpected(instance.error());
  if (!is_running(pod.status, container, instance->container_id))
    return make_error("container \"" + container + "\" in pod \"" + pod.pod->metadata.name +
                      "\" is not running");
  const auto& all = pod.pod->spec.containers;
  const auto found = std::ranges::find(all, container, &Container::name);
  return ContainerRef{static_cast<ContainerIndex>(found - all.begin()), instance->instance};
}

HttpResponse too_many() {
  return failure_response({429,
                           "TooManyRequests",
                           std::to_string(kMaxExecs) + " commands are being followed already",
                           {},
                           {}});
}

HttpUpgrade switch_over(ApiContext& context, const HttpRequest& request,
                        const std::string& protocol, std::shared_ptr<ExecSession> session) {
  HttpUpgrade upgrade;
  upgrade.headers = {
      {"Upgrade", "websocket"},
      {"Sec-WebSocket-Accept", websocket::accept_key(header(request, "sec-websocket-key"))},
      {"Sec-WebSocket-Protocol", protocol}};
  upgrade.start = [&context, session = std::move(session)](Fd socket, const std::string& early) {
    context.execs.insert(session);
    session->begin(std::move(socket), early, [&context, session_key = std::weak_ptr(session)] {
      context.execs.erase(session_key.lock());
    });
  };
  return upgrade;
}

}  // namespace

HttpReply exec_in_pod(ApiContext& context, const ApiRequest& request) {
  const PodObject* pod = context.store.find_pod(request["namespace"], request["name"]);
  if (!pod) return pod_not_found(request["name"]);
  auto exec = parse_exec(request.http);
  if (!exec) return bad_request(exec.error().message);
  const auto asked = request.http.parameter("container").value_or("");
  const auto container = choose_container(*pod->pod, asked);
  if (!container) return bad_request(container.error().message);
  const auto ref = find_running(*pod, *container);
  if (!ref) return bad_request(ref.error().message);
  const std::string protocol = choose_protocol(header(request.http, "sec-websocket-protocol"));
  if (!is_websocket(request.http) || protocol.empty())
    return bad_request(
        "exec needs a WebSocket (version 13) that speaks v5.channel.k8s.io or v4.channel.k8s.io");
  if (context.execs.size() >= kMaxExecs) return too_many();
  auto session = std::make_shared<ExecSession>(context.loop, context.executor, exec->tty);
  auto streams = context.executor.follow_exec(pod->pod->metadata.uid, *ref, std::move(*exec),
                                              [weak = std::weak_ptr(session)](ExecOutcome outcome) {
                                                if (const auto still = weak.lock())
                                                  still->command_ended(std::move(outcome));
                                              });
  if (!streams)
    return failure_response(
        {500, "InternalError", "Internal error occurred: " + streams.error().message, {}, {}});
  session->set_streams(std::move(*streams));
  return switch_over(context, request.http, protocol, std::move(session));
}

}  // namespace podvisor
