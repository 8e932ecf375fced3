#include "manifest/decode.h"
#include "manifest/json_access.h"

namespace podvisor::manifest {
namespace {

/// NET-3
std::string decode_hostname(const Json& spec, const std::string& pod_name) {
  std::string name = text(spec, "hostnameOverride");
  if (name.empty()) name = text(spec, "hostname");
  if (name.empty()) name = pod_name;
  name.resize(std::min<std::size_t>(name.size(), 63));
  name.erase(name.find_last_not_of("-.") + 1);
  return name;
}

DnsPolicy decode_dns_policy(const std::string& word) {
  if (word == "ClusterFirstWithHostNet") return DnsPolicy::ClusterFirstWithHostNet;
  if (word == "Default") return DnsPolicy::Default;
  if (word == "None") return DnsPolicy::None;
  return DnsPolicy::ClusterFirst;
}

DnsConfig decode_dns_config(const Json& json) {
  DnsConfig config;
  config.nameservers = strings(json, "nameservers");
  config.searches = strings(json, "searches");
  each(json, "options", "", [&](const Json& item, const std::string&) {
    const Json* value = find(item, "value");
    config.options.push_back(
        {text(item, "name"), value ? std::optional(value->get<std::string>()) : std::nullopt});
  });
  return config;
}

}  // namespace

void decode_names(const Json& pod, PodSpec& spec) {
  const Json& json = pod.at("spec");
  spec.hostname = decode_hostname(json, text(pod.at("metadata"), "name"));
  spec.subdomain = text(json, "subdomain");
  spec.hostname_as_fqdn = flag(json, "setHostnameAsFQDN");
  each(json, "hostAliases", "", [&](const Json& item, const std::string&) {
    spec.host_aliases.push_back({text(item, "ip"), strings(item, "hostnames")});
  });
  spec.dns_policy = decode_dns_policy(text(json, "dnsPolicy"));
  spec.dns_config = decode_dns_config(child(json, "dnsConfig"));
}

}  // namespace podvisor::manifest
