#include "api/pod_routes.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "api/json.h"
#include "api/parameters.h"
#include "api/pod_json.h"
#include "api/status_json.h"

namespace podvisor {
namespace {

struct DeleteOptions {
  std::optional<Seconds> grace_period;
  std::string uid;  ///< precondition; empty: any
};

/// TRM-1 has the last word; this only keeps the arithmetic on time points from overflowing.
Seconds grace_period(std::int64_t seconds) {
  return Seconds(std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<std::int32_t>::max()));
}

Result<DeleteOptions> parse_body(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return make_error("the request body is not a DeleteOptions object");
  DeleteOptions options;
  if (const auto grace = json.find("gracePeriodSeconds");
      grace != json.end() && !grace->is_null()) {
    if (!grace->is_number_integer())
      return make_error("gracePeriodSeconds: Invalid value: must be an integer");
    options.grace_period = grace_period(grace->get<std::int64_t>());
  }
  const auto preconditions = json.find("preconditions");
  if (preconditions == json.end() || !preconditions->is_object()) return options;
  const auto uid = preconditions->find("uid");
  if (uid != preconditions->end() && uid->is_string()) options.uid = uid->get<std::string>();
  return options;
}

Result<DeleteOptions> parse_options(const HttpRequest& request) {
  if (!request.body.empty()) return parse_body(request.body);
  const auto seconds = integer_parameter(request, "gracePeriodSeconds");
  if (!seconds) return tl::unexpected(seconds.error());
  DeleteOptions options;
  if (*seconds) options.grace_period = grace_period(**seconds);
  return options;
}

HttpResponse other_uid(const PodObject& pod, const std::string& wanted) {
  return failure_response({409, "Conflict",
                           "Precondition failed: UID in precondition: " + wanted +
                               ", UID in object meta: " + pod.pod->metadata.uid,
                           "pods", pod.pod->metadata.name});
}

/// The pod on its way out: as the store has it now, or as it was if it is gone already.
PodObject deleted_pod(const ApiContext& context, PodObject before, const DeleteOptions& options) {
  const ObjectMeta& meta = before.pod->metadata;
  const PodObject* now = context.store.find_pod(meta.namespace_, meta.name);
  if (now && now->pod->metadata.uid == meta.uid) before = *now;
  if (before.deletion_timestamp) return before;
  before.deletion_grace_period =
      options.grace_period.value_or(before.pod->spec.termination_grace_period);
  before.deletion_timestamp = context.clock.now().wall + before.deletion_grace_period;
  return before;
}

}  // namespace

HttpReply get_pod(ApiContext& context, const ApiRequest& request) {
  const PodObject* pod = context.store.find_pod(request["namespace"], request["name"]);
  return pod ? json_response(object_json(*pod)) : pod_not_found(request["name"]);
}

HttpReply stop_all(ApiContext& context, const ApiRequest& request) {
  const Result<DeleteOptions> options = parse_options(request.http);
  if (!options) return bad_request(options.error().message);
  const std::size_t pods = context.store.pods().size();
  context.control.stop_all(options->grace_period);
  return json_response({{"stopping", pods}});
}

HttpReply delete_pod(ApiContext& context, const ApiRequest& request) {
  const PodObject* pod = context.store.find_pod(request["namespace"], request["name"]);
  if (!pod) return pod_not_found(request["name"]);
  const auto options = parse_options(request.http);
  if (!options) return bad_request(options.error().message);
  if (!options->uid.empty() && options->uid != pod->pod->metadata.uid)
    return other_uid(*pod, options->uid);
  PodObject before = *pod;  // the store may drop it at once
  const auto accepted =
      context.control.delete_pod(request["namespace"], request["name"], options->grace_period);
  if (!accepted)
    return failure_response(
        {500, "InternalError", accepted.error().message, "pods", request["name"]});
  return json_response(object_json(deleted_pod(context, std::move(before), *options)));
}

}  // namespace podvisor
