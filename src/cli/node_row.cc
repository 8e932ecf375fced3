// The node as a table, as kubectl prints it.
#include "cli/resource.h"
#include "cli/row.h"

namespace podvisor::cli {
namespace {

std::string node_address(const Json& node, const std::string& type) {
  return text_or(find_named(node, "status.addresses", type, "type"), "address", "<none>");
}

std::vector<std::string> node_header(RowColumns columns) {
  std::vector<std::string> cells{"NAME", "STATUS", "ROLES", "AGE", "VERSION"};
  if (columns.wide)
    cells.insert(cells.end(),
                 {"INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"});
  return common_header({false, columns.wide, columns.labels}, std::move(cells));
}

std::vector<std::string> node_cells(const Json& node, RowColumns columns, WallTime now) {
  const Json& ready = find_named(node, "status.conditions", "Ready", "type");
  std::vector<std::string> cells{
      text(node, "metadata.name"), raw_text(ready, "status") == "True" ? "Ready" : "NotReady",
      "<none>", age_of(node, now), text(node, "status.nodeInfo.kubeletVersion")};
  if (columns.wide)
    cells.insert(cells.end(),
                 {node_address(node, "InternalIP"), node_address(node, "ExternalIP"),
                  text_or(node, "status.nodeInfo.osImage", "<unknown>"),
                  text_or(node, "status.nodeInfo.kernelVersion", "<unknown>"),
                  text_or(node, "status.nodeInfo.containerRuntimeVersion", "<unknown>")});
  return with_common(node, {false, columns.wide, columns.labels}, std::move(cells));
}

}  // namespace

const Resource kNodes = {"node", "nodes", "no", false, node_header, node_cells};

}  // namespace podvisor::cli
