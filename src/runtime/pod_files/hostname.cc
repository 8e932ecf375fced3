#include "runtime/pod_files/hostname.h"

namespace podvisor {
namespace {

constexpr std::size_t kMaxHostname = 64;  // __NEW_UTS_LEN

}  // namespace

std::string pod_domain(const Pod& pod, const std::string& cluster_domain) {
  if (pod.spec.subdomain.empty()) return {};
  const std::string domain = pod.spec.subdomain + "." + pod.metadata.namespace_ + ".svc";
  return cluster_domain.empty() ? domain : domain + "." + cluster_domain;
}

Result<std::string> kernel_hostname(const Pod& pod, const std::string& cluster_domain) {
  const std::string domain = pod_domain(pod, cluster_domain);
  if (!pod.spec.hostname_as_fqdn || domain.empty()) return pod.spec.hostname;
  std::string name = pod.spec.hostname + "." + domain;
  if (name.size() <= kMaxHostname) return name;
  return make_error("Failed to construct FQDN from pod hostname and cluster domain, FQDN " + name +
                    " is too long (" + std::to_string(kMaxHostname) + " characters is the max, " +
                    std::to_string(name.size()) +
                    " characters requested); shorten hostname or subdomain, or leave "
                    "setHostnameAsFQDN out");
}

}  // namespace podvisor
