// Deployments as a table, as kubectl prints them.
#include "cli/resource.h"
#include "cli/row.h"
#include "cli/service_text.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

std::vector<std::string> deployment_header(RowColumns columns) {
  std::vector<std::string> cells{"NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"};
  if (columns.wide) cells.insert(cells.end(), {"CONTAINERS", "IMAGES", "SELECTOR"});
  return common_header(columns, std::move(cells));
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

std::vector<std::string> deployment_cells(const Json& deployment, RowColumns columns,
                                          WallTime now) {
  std::vector<std::string> row{
      text(deployment, "metadata.name"),
      count(deployment, "status.readyReplicas") + "/" + count(deployment, "spec.replicas"),
      count(deployment, "status.updatedReplicas"), count(deployment, "status.availableReplicas"),
      age_of(deployment, now)};
  if (columns.wide)
    row.insert(row.end(), {of_containers(deployment, "name"), of_containers(deployment, "image"),
                           pairs_text(field(deployment, "spec.selector.matchLabels"))});
  return with_common(deployment, columns, std::move(row));
}

}  // namespace

const Resource kDeployments = {"deployment", "deployments",     "deploy",
                               true,         deployment_header, deployment_cells};

}  // namespace podvisor::cli
