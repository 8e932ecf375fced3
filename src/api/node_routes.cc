#include "api/node_routes.h"

#include "api/json.h"
#include "api/selector.h"
#include "api/status_json.h"
#include "podvisor/version.h"

namespace podvisor {
namespace {

/// As a quantity: whole CPUs, or thousandths.
std::string cpu_quantity(std::int64_t millis) {
  return millis % 1000 == 0 ? std::to_string(millis / 1000) : std::to_string(millis) + "m";
}

Json capacity_json(const NodeView& view) {
  return {{"cpu", cpu_quantity(view.cpu_millis)},
          {"memory", std::to_string(view.memory_bytes / 1024) + "Ki"},
          {"ephemeral-storage", std::to_string(view.ephemeral_storage / 1024) + "Ki"}};
}

Json addresses_json(const NodeView& view) {
  Json addresses = Json::array();
  if (!view.address.empty())
    addresses.push_back({{"type", "InternalIP"}, {"address", view.address}});
  addresses.push_back({{"type", "Hostname"}, {"address", view.node.name}});
  return addresses;
}

Json info_json(const NodeView& view) {
  return {{"machineID", view.machine_id},
          {"kernelVersion", view.kernel},
          {"osImage", view.os_image},
          {"operatingSystem", "linux"},
          {"architecture", view.node.labels.contains("kubernetes.io/arch")
                               ? view.node.labels.at("kubernetes.io/arch")
                               : view.machine},
          {"containerRuntimeVersion", std::string("podvisor://") + kVersion},
          {"kubeletVersion", std::string("v") + kVersion}};
}

Json node_json(const ApiContext& context) {
  const NodeView view = context.node.view();
  Json labels = Json::object();
  for (const auto& [key, value] : view.node.labels) labels[key] = value;
  return {{"apiVersion", "v1"},
          {"kind", "Node"},
          {"metadata",
           {{"name", view.node.name},
            {"uid", view.node.name},  // as events about a node name it
            {"resourceVersion", std::to_string(context.store.resource_version())},
            {"creationTimestamp", time_json(view.since)},
            {"labels", labels}}},
          {"spec", Json::object()},
          {"status",
           {{"addresses", addresses_json(view)},
            {"capacity", capacity_json(view)},
            {"allocatable", capacity_json(view)},
            {"conditions", Json::array({{{"type", "Ready"},
                                         {"status", "True"},
                                         {"reason", "PodvisorReady"},
                                         {"message", "podvisor answers"},
                                         {"lastTransitionTime", time_json(view.since)}}})},
            {"nodeInfo", info_json(view)}}}};
}

/// metadata.labels of a patch. Anything else in it would be passed over in silence, so it is
/// refused.
Result<LabelChanges> parse_patch(const std::string& body) {
  const Json patch = Json::parse(body, nullptr, false);
  if (!patch.is_object()) return make_error("the request body is not a JSON object");
  const auto metadata = patch.find("metadata");
  const bool only_labels = patch.size() == 1 && metadata != patch.end() && metadata->is_object() &&
                           metadata->size() == 1 && metadata->contains("labels") &&
                           (*metadata)["labels"].is_object();
  if (!only_labels) return make_error("of a node only metadata.labels may be patched");
  LabelChanges changes;
  for (const auto& [key, value] : (*metadata)["labels"].items()) {
    if (!value.is_string() && !value.is_null())
      return make_error("metadata.labels[" + key + "]: must be a string or null");
    changes.emplace(key, value.is_null() ? std::nullopt : std::optional(value.get<std::string>()));
  }
  return changes;
}

bool is_this_node(const ApiContext& context, const ApiRequest& request) {
  return request["name"] == context.node.view().node.name;
}

}  // namespace

HttpReply list_nodes(ApiContext& context, const ApiRequest& request) {
  const auto labels = Selector::parse_labels(request.http.parameter("labelSelector").value_or(""));
  if (!labels) return bad_request(labels.error().message);
  Json items = Json::array();
  if (labels->matches(context.node.view().node.labels)) items.push_back(node_json(context));
  return json_response(list_json("NodeList", std::move(items), context.store.resource_version()));
}

HttpReply get_node(ApiContext& context, const ApiRequest& request) {
  if (!is_this_node(context, request)) return not_found("nodes", request["name"]);
  return json_response(node_json(context));
}

HttpReply patch_node(ApiContext& context, const ApiRequest& request) {
  if (!is_this_node(context, request)) return not_found("nodes", request["name"]);
  const auto changes = parse_patch(request.http.body);
  if (!changes) return bad_request(changes.error().message);
  const Status changed = context.node.change_labels(*changes);
  if (!changed) return invalid_options("Node", request["name"], changed.error().message);
  return json_response(node_json(context));
}

}  // namespace podvisor
