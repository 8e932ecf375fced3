#include "api/rollout_routes.h"

#include <optional>
#include <utility>

#include "api/parameters.h"
#include "api/rollout_json.h"
#include "api/status_json.h"
#include "http/stream.h"

namespace podvisor {
namespace {

struct Whose {
  std::string namespace_;
  std::string name;
};

std::string line(const char* type, Json object) {
  return json_text({{"type", type}, {"object", std::move(object)}}) + "\n";
}

/// One line for every change, until the client has had enough or the pod is deleted.
HttpReply watch(ApiContext& context, RolloutControl& rollouts, const Whose& whose,
                const RolloutView& now) {
  HttpStreaming reply;
  reply.content_type = "application/json";
  reply.head = line("ADDED", rollout_json(whose.namespace_, whose.name, now));
  reply.start = [&context, &rollouts, whose](const std::shared_ptr<HttpStream>& stream) {
    std::erase_if(context.watches, [](const auto& watch) { return watch.expired(); });
    context.watches.push_back(stream);
    const std::uint64_t id = rollouts.watch(
        [&rollouts, whose, stream](const std::string& namespace_, const std::string& name) {
          if (stream->ended() || namespace_ != whose.namespace_ || name != whose.name) return;
          const auto view = rollouts.view(namespace_, name);
          if (!view) return stream->end();
          stream->write(line("MODIFIED", rollout_json(namespace_, name, *view)));
        });
    stream->on_close([&rollouts, id] { rollouts.unwatch(id); });
  };
  return reply;
}

Status carry_out(RolloutControl& rollouts, const Whose& whose, const std::string& action,
                 int to_revision) {
  if (action == "undo") return rollouts.undo(whose.namespace_, whose.name, to_revision);
  if (action == "restart") return rollouts.restart(whose.namespace_, whose.name);
  if (action == "pause") return rollouts.pause(whose.namespace_, whose.name);
  if (action == "resume") return rollouts.resume(whose.namespace_, whose.name);
  return make_error("action: must be \"undo\", \"restart\", \"pause\" or \"resume\"");
}

}  // namespace

HttpReply show_rollout(ApiContext& context, const ApiRequest& request, const RolloutKind& kind) {
  const Whose whose{request["namespace"], request["name"]};
  const auto view = kind.rollouts.view(whose.namespace_, whose.name);
  if (!view) return not_found(kind.plural, whose.name);
  if (flag_parameter(request.http, "watch")) return watch(context, kind.rollouts, whose, *view);
  return json_response(rollout_json(whose.namespace_, whose.name, *view));
}

HttpReply take_order(ApiContext&, const ApiRequest& request, const RolloutKind& kind) {
  const Whose whose{request["namespace"], request["name"]};
  if (!kind.rollouts.view(whose.namespace_, whose.name)) return not_found(kind.plural, whose.name);
  const Json order = Json::parse(request.http.body, nullptr, false);
  if (!order.is_object() || !order.contains("action") || !order["action"].is_string())
    return bad_request("the request body is not an object with an action");
  int to_revision = 0;
  if (const auto wanted = order.find("toRevision"); wanted != order.end()) {
    if (!wanted->is_number_unsigned() || wanted->get<std::uint64_t>() > 1'000'000'000)
      return bad_request("toRevision: Invalid value: must be a revision's number");
    to_revision = wanted->get<int>();
  }
  const Status done =
      carry_out(kind.rollouts, whose, order["action"].get<std::string>(), to_revision);
  if (!done)
    return failure_response({409, "Conflict", done.error().message, kind.plural, whose.name});
  const auto view = kind.rollouts.view(whose.namespace_, whose.name);
  if (!view) return not_found(kind.plural, whose.name);
  return json_response(rollout_json(whose.namespace_, whose.name, *view));
}

HttpReply get_rollout(ApiContext& context, const ApiRequest& request) {
  return show_rollout(context, request, {context.rollouts, "pods"});
}

HttpReply order_rollout(ApiContext& context, const ApiRequest& request) {
  return take_order(context, request, {context.rollouts, "pods"});
}

}  // namespace podvisor
