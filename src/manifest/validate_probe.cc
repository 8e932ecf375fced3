#include <array>
#include <string>

#include "manifest/json_access.h"
#include "manifest/validate.h"
#include "manifest/validate_handler.h"

namespace podvisor::manifest {
namespace {

constexpr std::array kHandlers = {"exec", "httpGet", "tcpSocket", "grpc"};

std::string listed(std::span<const char* const> names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    list += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + std::string(names[i]);
  }
  return list;
}

}  // namespace

void validate_handler(const Json& object, std::span<const char* const> names,
                      const std::string& path, Report& report) {
  std::size_t handlers = 0;
  for (const char* name : names) {
    const std::string handler_path = path + "." + name;
    if (!object.contains(name) && !report.is_wrong(handler_path)) continue;
    if (++handlers > 1) {
      report.error(handler_path, forbidden("may not specify more than 1 handler type"));
    }
  }
  if (handlers == 0) {
    report.error(path, "Required value: must specify a handler type: " + listed(names));
  }
}

void validate_probe(const Json& probe, const std::string& kind, const std::string& path,
                    Report& report) {
  validate_handler(probe, kHandlers, path, report);
  if (kind == "readinessProbe") {
    if (find(probe, "terminationGracePeriodSeconds") != nullptr) {
      report.error(path + ".terminationGracePeriodSeconds",
                   forbidden("must not be set for readinessProbes"));
    }
    return;
  }
  const std::int64_t threshold = number(probe, "successThreshold");
  if (probe.contains("successThreshold") && threshold != 1) {
    report.error(path + ".successThreshold", invalid(std::to_string(threshold), "must be 1"));
  }
}

}  // namespace podvisor::manifest
