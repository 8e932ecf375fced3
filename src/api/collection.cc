#include "api/collection.h"

#include <algorithm>
#include <set>
#include <utility>

#include "api/json.h"
#include "api/parameters.h"
#include "api/query.h"
#include "api/status_json.h"
#include "api/watch.h"

namespace podvisor {
namespace {

constexpr std::int64_t kLongestWatch = 24 * 60 * 60;  // seconds; any client asks again long before

HttpResponse too_old(const ApiContext& context, std::int64_t version) {
  const std::string message = "too old resource version: " + std::to_string(version) + " (" +
                              std::to_string(context.store.resource_version()) + ")";
  return failure_response({410, "Expired", message, {}, {}});
}

template <typename Kind>
HttpReply list(ApiContext& context, const Query<Kind>& query) {
  Json items = Json::array();
  Kind::for_each(context.store, [&](const typename Kind::Object& object) {
    if (query.matches(object)) items.push_back(object_json(object));
  });
  return json_response(list_json(Kind::kList, std::move(items), context.store.resource_version()));
}

template <typename Kind>
HttpReply watch(ApiContext& context, const HttpRequest& request, Query<Kind> query,
                const Removals<Kind>& removed) {
  const auto version = integer_parameter(request, "resourceVersion");
  if (!version) return bad_request(version.error().message);
  const auto seconds = integer_parameter(request, "timeoutSeconds");
  if (!seconds) return bad_request(seconds.error().message);
  std::optional<Seconds> timeout;
  if (*seconds) timeout = Seconds(std::clamp<std::int64_t>(**seconds, 0, kLongestWatch));
  std::optional<std::uint64_t> since;
  if (*version && **version != 0) {  // 0: from anywhere, so from what exists
    if (**version < 0) return bad_request("resourceVersion: must not be negative");
    since = static_cast<std::uint64_t>(**version);
    if (!removed.complete_since(*since)) return too_old(context, **version);
  }
  return std::make_shared<Watch<Kind>>(context, std::move(query))->begin(since, removed, timeout);
}

template <typename Kind>
HttpReply list_or_watch(ApiContext& context, const ApiRequest& request,
                        const Removals<Kind>& removed) {
  auto query = Query<Kind>::parse(request);
  if (!query) return bad_request(query.error().message);
  if (flag_parameter(request.http, "watch"))
    return watch(context, request.http, std::move(*query), removed);
  return list(context, *query);
}

HttpReply get_config(const ApiContext& context, const ApiRequest& request, ConfigKind kind) {
  const ConfigEntry* entry =
      context.store.find_config_entry(kind, request["namespace"], request["name"]);
  if (entry) return json_response(object_json(*entry));
  return not_found(kind == ConfigKind::ConfigMap ? "configmaps" : "secrets", request["name"]);
}

}  // namespace

HttpReply list_or_watch_pods(ApiContext& context, const ApiRequest& request) {
  return list_or_watch<PodKind>(context, request, context.removed_pods);
}

HttpReply list_or_watch_events(ApiContext& context, const ApiRequest& request) {
  return list_or_watch<EventKind>(context, request, context.removed_events);
}

HttpReply list_or_watch_config_maps(ApiContext& context, const ApiRequest& request) {
  return list_or_watch<ConfigMapKind>(context, request, context.removed_config_maps);
}

HttpReply list_or_watch_secrets(ApiContext& context, const ApiRequest& request) {
  return list_or_watch<SecretKind>(context, request, context.removed_secrets);
}

HttpReply list_or_watch_services(ApiContext& context, const ApiRequest& request) {
  return list_or_watch<ServiceKind>(context, request, context.removed_services);
}

HttpReply list_or_watch_deployments(ApiContext& context, const ApiRequest& request) {
  return list_or_watch<DeploymentKind>(context, request, context.removed_deployments);
}

HttpReply get_config_map(ApiContext& context, const ApiRequest& request) {
  return get_config(context, request, ConfigKind::ConfigMap);
}

HttpReply get_secret(ApiContext& context, const ApiRequest& request) {
  return get_config(context, request, ConfigKind::Secret);
}

HttpReply list_namespaces(ApiContext& context, const ApiRequest&) {
  std::set<std::string> names{"default"};
  for (const auto& [key, object] : context.store.pods()) names.insert(key.first);
  for (const auto& [key, entry] : context.store.deployments()) names.insert(key.first);
  for (const auto& [key, entry] : context.store.services()) names.insert(key.first);
  for (const auto& [key, entry] : context.store.configs()) names.insert(std::get<1>(key));
  Json items = Json::array();
  for (const std::string& name : names)
    items.push_back({{"apiVersion", "v1"},
                     {"kind", "Namespace"},
                     {"metadata", {{"name", name}}},
                     {"status", {{"phase", "Active"}}}});
  return json_response(
      list_json("NamespaceList", std::move(items), context.store.resource_version()));
}

}  // namespace podvisor
