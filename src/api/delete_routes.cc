#include "api/delete_routes.h"

#include "api/status_json.h"

namespace podvisor {
namespace {

HttpReply delete_config(ApiContext& context, const ApiRequest& request, ConfigKind kind,
                        const char* plural) {
  const ConfigObject* object =
      context.store.find_config(kind, request["namespace"], request["name"]);
  if (object == nullptr) return not_found(plural, request["name"]);
  const ObjectMeta meta = object->metadata;
  context.store.remove_config(kind, meta.namespace_, meta.name);
  return deleted_response("", plural, meta);
}

}  // namespace

HttpReply delete_config_map(ApiContext& context, const ApiRequest& request) {
  return delete_config(context, request, ConfigKind::ConfigMap, "configmaps");
}

HttpReply delete_secret(ApiContext& context, const ApiRequest& request) {
  return delete_config(context, request, ConfigKind::Secret, "secrets");
}

HttpReply delete_service(ApiContext& context, const ApiRequest& request) {
  const ServiceEntry* entry = context.store.find_service(request["namespace"], request["name"]);
  if (entry == nullptr) return not_found("services", request["name"]);
  const ObjectMeta meta = entry->object.metadata;
  context.store.remove_service(meta.namespace_, meta.name);
  return deleted_response("", "services", meta);
}

}  // namespace podvisor
