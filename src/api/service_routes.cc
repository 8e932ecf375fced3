#include "api/service_routes.h"

#include <utility>

#include "api/parameters.h"
#include "api/query.h"
#include "api/status_json.h"

namespace podvisor {
namespace {

const ServiceEntry* find_service(const ApiContext& context, const ApiRequest& request) {
  return context.store.find_service(request["namespace"], request["name"]);
}

}  // namespace

HttpReply get_service(ApiContext& context, const ApiRequest& request) {
  const ServiceEntry* entry = find_service(context, request);
  if (entry == nullptr) return not_found("services", request["name"]);
  return json_response(object_json(*entry));
}

HttpReply list_endpoints(ApiContext& context, const ApiRequest& request) {
  const auto query = Query<ServiceKind>::parse(request);
  if (!query) return bad_request(query.error().message);
  if (flag_parameter(request.http, "watch"))
    return bad_request("endpoints cannot be watched here; watch pods instead");
  Json items = Json::array();
  for (const auto& [name, entry] : context.store.services())
    if (query->matches(entry)) items.push_back(endpoints_json(entry, context.store));
  return json_response(
      list_json("EndpointsList", std::move(items), context.store.resource_version()));
}

HttpReply get_endpoints(ApiContext& context, const ApiRequest& request) {
  const ServiceEntry* entry = find_service(context, request);
  if (entry == nullptr) return not_found("endpoints", request["name"]);
  return json_response(endpoints_json(*entry, context.store));
}

}  // namespace podvisor
