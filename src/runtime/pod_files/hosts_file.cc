#include "runtime/pod_files/hosts_file.h"

#include "runtime/pod_files/hostname.h"

namespace podvisor {
namespace {

/// NET-6.
std::string alias_lines(const std::vector<HostAlias>& aliases) {
  if (aliases.empty()) return {};
  std::string text = "\n# Entries added by HostAliases.\n";
  for (const HostAlias& alias : aliases) {
    text += alias.ip;
    for (const std::string& name : alias.hostnames) text += "\t" + name;
    text += "\n";
  }
  return text;
}

}  // namespace

std::string hosts_file(const Pod& pod, const std::string& pod_ip,
                       const std::string& cluster_domain) {
  std::string text =
      "# Kubernetes-managed hosts file.\n"
      "127.0.0.1\tlocalhost\n"
      "::1\tlocalhost ip6-localhost ip6-loopback\n"
      "fe00::0\tip6-localnet\n"
      "fe00::0\tip6-mcastprefix\n"
      "fe00::1\tip6-allnodes\n"
      "fe00::2\tip6-allrouters\n";
  const std::string domain = pod_domain(pod, cluster_domain);
  const std::string& name = pod.spec.hostname;
  if (!pod_ip.empty() && domain.empty()) text += pod_ip + "\t" + name + "\n";
  if (!pod_ip.empty() && !domain.empty())
    text += pod_ip + "\t" + name + "." + domain + "\t" + name + "\n";
  return text + alias_lines(pod.spec.host_aliases);
}

std::string hosts_file_on_host(const Pod& pod, const std::string& host_file) {
  return "# Kubernetes-managed hosts file (host network).\n" + host_file +
         alias_lines(pod.spec.host_aliases);
}

}  // namespace podvisor
