#include <set>

#include "manifest/json_access.h"
#include "manifest/scalar.h"
#include "manifest/validate.h"

namespace podvisor::manifest {
namespace {

constexpr std::size_t kMaxNameservers = 3;
constexpr std::size_t kMaxSearches = 32;
constexpr std::size_t kMaxSearchCharacters = 2048;

/// VAL-26
void validate_hostname_override(const Json& spec, Report& report) {
  const std::string name = text(spec, "hostnameOverride");
  if (name.empty()) return;
  const std::string path = "spec.hostnameOverride";
  if (name.size() > 64) {
    report.error(path, invalid(show(Json(name)), "must be no more than 64 characters"));
  }
  for (const char* other : {"hostNetwork", "setHostnameAsFQDN"}) {
    if (!flag(spec, other)) continue;
    report.error(path, forbidden(std::string("may not be set together with ") + other + ": true"));
  }
}

/// With the blanks between them.
std::size_t joined_size(const Json& list) {
  std::size_t size = list.empty() ? 0 : list.size() - 1;
  for (const Json& item : list) {
    if (item.is_string()) size += item.get_ref<const std::string&>().size();
  }
  return size;
}

void validate_nameservers(const Json& config, bool alone, Report& report) {
  const std::string path = "spec.dnsConfig.nameservers";
  const Json& servers = child(config, "nameservers");
  if (servers.size() > kMaxNameservers) {
    report.error(
        path, invalid(show(servers), "must not have more than " + std::to_string(kMaxNameservers) +
                                         " nameservers"));
  } else if (alone && servers.empty() && !report.is_wrong(path)) {
    report.error(path,
                 "Required value: must provide at least one DNS nameserver when `dnsPolicy` is "
                 "None");
  }
}

void validate_searches(const Json& config, Report& report) {
  const std::string path = "spec.dnsConfig.searches";
  const Json& searches = child(config, "searches");
  if (searches.size() > kMaxSearches) {
    report.error(path, invalid(show(searches), "must not have more than " +
                                                   std::to_string(kMaxSearches) + " search paths"));
  }
  if (joined_size(searches) > kMaxSearchCharacters) {
    report.error(path, invalid(show(searches), "must not have more than " +
                                                   std::to_string(kMaxSearchCharacters) +
                                                   " characters (including spaces) in the search "
                                                   "list"));
  }
}

}  // namespace

/// VAL-24, VAL-26; names and addresses themselves are checked by their rows.
void validate_network(const Json& spec, Report& report) {
  validate_hostname_override(spec, report);
  const bool alone = text(spec, "dnsPolicy") == "None";
  const Json* config = find(spec, "dnsConfig");
  if (config != nullptr) {
    validate_nameservers(*config, alone, report);
    validate_searches(*config, report);
  } else if (alone && !report.is_wrong("spec.dnsConfig")) {
    report.error("spec.dnsConfig",
                 "Required value: must provide `dnsConfig` when `dnsPolicy` is None");
  }
}

}  // namespace podvisor::manifest
