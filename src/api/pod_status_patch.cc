#include <vector>

#include "api/json.h"
#include "api/pod_json.h"
#include "api/pod_routes.h"
#include "api/status_json.h"

namespace podvisor {
namespace {

std::string member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<ConditionStatus> parse_status(const Json& condition) {
  const std::string word = member(condition, "status");
  if (word == "True") return ConditionStatus::True;
  if (word == "False") return ConditionStatus::False;
  if (word == "Unknown") return ConditionStatus::Unknown;
  return make_error("status.conditions[].status: must be \"True\", \"False\" or \"Unknown\"");
}

Result<GivenCondition> parse_condition(const Json& json) {
  if (!json.is_object() || member(json, "type").empty())
    return make_error("status.conditions[]: each must be an object with a type");
  const auto status = parse_status(json);
  if (!status) return tl::unexpected(status.error());
  return GivenCondition{member(json, "type"), *status, member(json, "reason"),
                        member(json, "message")};
}

Result<std::vector<GivenCondition>> parse_conditions(const std::string& body) {
  const Json patch = Json::parse(body, nullptr, false);
  const auto status = patch.is_object() ? patch.find("status") : patch.end();
  const bool sound = patch.is_object() && patch.size() == 1 && status != patch.end() &&
                     status->is_object() && status->size() == 1 && status->contains("conditions") &&
                     (*status)["conditions"].is_array();
  if (!sound) return make_error("of a pod's status only conditions may be patched");
  std::vector<GivenCondition> conditions;
  for (const Json& json : (*status)["conditions"]) {
    auto condition = parse_condition(json);
    if (!condition) return tl::unexpected(condition.error());
    if (is_own_condition(condition->type))
      return make_error("status.conditions[]: " + condition->type +
                        " is derived by podvisor and cannot be set");
    conditions.push_back(std::move(*condition));
  }
  return conditions;
}

}  // namespace

HttpReply patch_pod_status(ApiContext& context, const ApiRequest& request) {
  const std::string namespace_ = request["namespace"];
  const std::string name = request["name"];
  if (context.store.find_pod(namespace_, name) == nullptr) return pod_not_found(name);
  const auto conditions = parse_conditions(request.http.body);
  if (!conditions) return invalid_options("Pod", name, conditions.error().message);
  for (const GivenCondition& condition : *conditions) {
    const Status set = context.control.set_condition(namespace_, name, condition);
    if (!set) return invalid_options("Pod", name, set.error().message);
  }
  const PodObject* pod = context.store.find_pod(namespace_, name);
  return pod ? json_response(object_json(*pod)) : pod_not_found(name);
}

}  // namespace podvisor
