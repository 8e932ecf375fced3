// Deployments as a table, as kubectl prints them.
#include "cli/resource.h"
#include "cli/service_text.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

std::vector<std::string> header(RowColumns columns) {
  std::vector<std::string> cells{"NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"};
  if (columns.wide) cells.insert(cells.end(), {"CONTAINERS", "IMAGES", "SELECTOR"});
  if (columns.namespaces) cells.insert(cells.begin(), "NAMESPACE");
  if (columns.labels) cells.emplace_back("LABELS");
  return cells;
}

std::string of_containers(const Json& deployment, const char* key) {
  std::string all;
  for (const Json& container : list(deployment, "spec.template.spec.containers"))
    all += (all.empty() ? "" : ",") + text(container, key);
  return all;
}

std::string count(const Json& deployment, const char* path) {
  return std::to_string(number(deployment, path));
}

std::vector<std::string> cells(const Json& deployment, RowColumns columns, WallTime now) {
  std::vector<std::string> row{
      text(deployment, "metadata.name"),
      count(deployment, "status.readyReplicas") + "/" + count(deployment, "spec.replicas"),
      count(deployment, "status.updatedReplicas"), count(deployment, "status.availableReplicas"),
      age(raw_text(deployment, "metadata.creationTimestamp"), now)};
  if (columns.wide)
    row.insert(row.end(), {of_containers(deployment, "name"), of_containers(deployment, "image"),
                           pairs_text(field(deployment, "spec.selector.matchLabels"))});
  if (columns.namespaces) row.insert(row.begin(), text(deployment, "metadata.namespace"));
  if (columns.labels) row.push_back(label_text(deployment));
  return row;
}

}  // namespace

const Resource kDeployments = {"deployment", "deployments", "deploy", true, header, cells};

}  // namespace podvisor::cli
