#include <array>
#include <string>

#include "manifest/json_access.h"
#include "manifest/validate.h"

namespace podvisor::manifest {
namespace {

constexpr std::array kHandlers = {"exec", "httpGet", "tcpSocket", "grpc"};

/// VAL-16: exactly one handler. One that was refused is there all the same.
void validate_handlers(const Json& probe, const std::string& path, Report& report) {
  std::size_t handlers = 0;
  for (const char* name : kHandlers) {
    const std::string handler_path = path + "." + name;
    if (!probe.contains(name) && !report.is_wrong(handler_path)) continue;
    if (++handlers > 1) {
      report.error(handler_path, forbidden("may not specify more than 1 handler type"));
    }
  }
  if (handlers == 0) {
    report.error(path, "Required value: must specify a handler type: httpGet, tcpSocket or exec");
  }
}

}  // namespace

void validate_probe(const Json& probe, const std::string& kind, const std::string& path,
                    Report& report) {
  validate_handlers(probe, path, report);
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
