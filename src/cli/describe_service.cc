#include <functional>

#include "cli/details.h"
#include "cli/service_text.h"
#include "cli/text.h"

namespace podvisor::cli {
namespace {

std::string join_addresses(const Json& endpoints, const std::function<bool(const Json&)>& wanted) {
  constexpr std::size_t kShown = 3;
  std::string shown;
  std::size_t count = 0;
  for (const Json& subset : list(endpoints, "subsets"))
    for (const Json& port : list(subset, "ports")) {
      if (!wanted(port)) continue;
      for (const Json& address : list(subset, "addresses"))
        if (++count <= kShown)
          shown += (shown.empty() ? "" : ",") + text(address, "ip") + ":" + text(port, "port");
    }
  if (count > kShown) shown += " + " + std::to_string(count - kShown) + " more...";
  return shown.empty() ? "<none>" : shown;
}

void describe_port(Details& details, const Json& port, const Json& endpoints) {
  const std::string protocol = text_or(port, "protocol", "TCP");
  const std::string name = raw_text(port, "name");
  details.line(
      0, {"Port:", text_or(port, "name", "<unset>") + "  " + text(port, "port") + "/" + protocol});
  details.pair(0, "TargetPort", text_or(port, "targetPort", text(port, "port")) + "/" + protocol);
  if (number(port, "nodePort") != 0)
    details.line(0, {"NodePort:", text_or(port, "name", "<unset>") + "  " + text(port, "nodePort") +
                                      "/" + protocol});
  details.pair(0, "Endpoints", addresses_text(endpoints, name));
}

}  // namespace

std::string pairs_text(const Json& map) {
  std::string all;
  for (const auto& [key, value] : map.items())
    all += (all.empty() ? "" : ",") + printable(key) + "=" + text(value, "");
  return all.empty() ? "<none>" : all;
}

std::string addresses_text(const Json& endpoints) {
  return join_addresses(endpoints, [](const Json&) { return true; });
}

std::string addresses_text(const Json& endpoints, const std::string& port_name) {
  return join_addresses(endpoints,
                        [&](const Json& port) { return raw_text(port, "name") == port_name; });
}

std::string describe_service(const Json& service, const Json& endpoints) {
  Details details;
  details.pair(0, "Name", text(service, "metadata.name"));
  details.pair(0, "Namespace", text(service, "metadata.namespace"));
  describe_map(details, "Labels", field(service, "metadata.labels"), "=");
  describe_map(details, "Annotations", field(service, "metadata.annotations"), ": ");
  details.pair(0, "Selector", pairs_text(field(service, "spec.selector")));
  details.pair(0, "Type", text_or(service, "spec.type", "ClusterIP"));
  for (const Json& port : list(service, "spec.ports")) describe_port(details, port, endpoints);
  details.pair(0, "Session Affinity", text_or(service, "spec.sessionAffinity", "None"));
  return details.take_text();
}

}  // namespace podvisor::cli
