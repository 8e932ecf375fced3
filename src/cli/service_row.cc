// Services and Endpoints as tables, as kubectl prints them.
#include "cli/resource.h"
#include "cli/row.h"
#include "cli/service_text.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

/// "80:30080/TCP,443/TCP"
std::string ports_text(const Json& service) {
  std::string all;
  for (const Json& port : list(service, "spec.ports")) {
    all += (all.empty() ? "" : ",") + std::to_string(number(port, "port"));
    if (const auto node_port = number(port, "nodePort"); node_port != 0)
      all += ":" + std::to_string(node_port);
    all += "/" + text_or(port, "protocol", "TCP");
  }
  return all.empty() ? "<none>" : all;
}

std::vector<std::string> service_header(RowColumns columns) {
  std::vector<std::string> cells{"NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"};
  if (columns.wide) cells.emplace_back("SELECTOR");
  return common_header(columns, std::move(cells));
}

std::vector<std::string> service_cells(const Json& service, RowColumns columns, WallTime now) {
  std::vector<std::string> cells{text(service, "metadata.name"),
                                 text_or(service, "spec.type", "ClusterIP"),
                                 text_or(service, "spec.clusterIP", "<none>"),
                                 "<none>",
                                 ports_text(service),
                                 age_of(service, now)};
  if (columns.wide) cells.push_back(pairs_text(field(service, "spec.selector")));
  return with_common(service, columns, std::move(cells));
}

std::vector<std::string> endpoints_header(RowColumns columns) {
  return common_header(columns, {"NAME", "ENDPOINTS", "AGE"});
}

std::vector<std::string> endpoints_cells(const Json& endpoints, RowColumns columns, WallTime now) {
  return with_common(
      endpoints, columns,
      {text(endpoints, "metadata.name"), addresses_text(endpoints), age_of(endpoints, now)});
}

}  // namespace

const Resource kServices = {"service", "services", "svc", true, service_header, service_cells};
const Resource kEndpoints = {"endpoints", "endpoints",      "ep",
                             true,        endpoints_header, endpoints_cells};

}  // namespace podvisor::cli
