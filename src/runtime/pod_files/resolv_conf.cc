#include "runtime/pod_files/resolv_conf.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace podvisor {
namespace {

// As glibc reads, and as kubelet cuts.
constexpr std::size_t kMaxNameservers = 3;
constexpr std::size_t kMaxSearches = 32;
constexpr std::size_t kMaxSearchLine = 2048;
constexpr std::size_t kMaxSearch = 255;

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(std::move(word));
  return words;
}

std::string join(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

DnsOption parse_option(const std::string& word) {
  const std::size_t colon = word.find(':');
  if (colon == std::string::npos) return {word, std::nullopt};
  return {word.substr(0, colon), word.substr(colon + 1)};
}

std::string to_text(const DnsOption& option) {
  return option.value && !option.value->empty() ? option.name + ":" + *option.value : option.name;
}

void add_new(std::vector<std::string>& words, const std::vector<std::string>& more) {
  for (const std::string& word : more)
    if (std::ranges::find(words, word) == words.end()) words.push_back(word);
}

/// By name: a later one replaces an earlier one where that stands.
void override_options(std::vector<DnsOption>& options, const std::vector<DnsOption>& more) {
  for (const DnsOption& option : more) {
    const auto same = std::ranges::find(options, option.name, &DnsOption::name);
    if (same == options.end())
      options.push_back(option);
    else
      *same = option;
  }
}

std::vector<std::string> parse_searches(std::vector<std::string> names) {
  for (std::string& name : names)
    if (name.size() > 1 && name.ends_with('.')) name.pop_back();
  return names;
}

bool wants_cluster(const PodSpec& spec) {
  return spec.dns_policy == DnsPolicy::ClusterFirstWithHostNet ||
         (spec.dns_policy == DnsPolicy::ClusterFirst && !spec.host_network);
}

ResolvConf of_cluster(const Pod& pod, const ClusterDns& cluster, const ResolvConf& host) {
  ResolvConf conf{cluster.servers, {}, {{"ndots", "5"}}};
  if (const std::string& domain = cluster.domain; !domain.empty())
    add_new(conf.searches, {pod.metadata.namespace_ + ".svc." + domain, "svc." + domain, domain});
  add_new(conf.searches, host.searches);
  return conf;
}

std::string limits_note(const char* limits, const char* what, const char* line,
                        const std::vector<std::string>& applied) {
  return std::string(limits) + " limits were exceeded, some " + what +
         " have been omitted, the applied " + line + " line is: " + join(applied);
}

bool cut_searches(std::vector<std::string>& searches) {
  const std::size_t before = searches.size();
  std::erase_if(searches, [](const std::string& name) { return name.size() > kMaxSearch; });
  if (searches.size() > kMaxSearches) searches.resize(kMaxSearches);
  while (join(searches).size() > kMaxSearchLine) searches.pop_back();
  return searches.size() != before;
}

/// NET-9.
void fit(PodResolver& resolver) {
  const auto note = [&](std::string message) {
    resolver.notes.push_back({true, "DNSConfigForming", std::move(message), {}});
  };
  ResolvConf& conf = *resolver.conf;
  if (conf.nameservers.size() > kMaxNameservers) {
    conf.nameservers.resize(kMaxNameservers);
    note(limits_note("Nameserver", "nameservers", "nameserver", conf.nameservers));
  }
  if (cut_searches(conf.searches))
    note(limits_note("Search Line", "search paths", "search", conf.searches));
}

bool empty(const DnsConfig& config) {
  return config.nameservers.empty() && config.searches.empty() && config.options.empty();
}

pod_event::Noted missing_cluster_dns() {
  return {true,
          "MissingClusterDNS",
          "podvisor does not have a cluster DNS configured (--cluster-dns) and cannot create the "
          "pod using \"ClusterFirstWithHostNet\" policy. Falling back to \"Default\" policy.",
          {}};
}

}  // namespace

ResolvConf parse_resolv_conf(std::string_view text) {
  ResolvConf conf;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> words = words_of(line);
    if (words.size() < 2) continue;
    const std::string keyword = words.front();
    words.erase(words.begin());
    if (keyword == "nameserver") add_new(conf.nameservers, {words.front()});
    if (keyword == "domain") conf.searches = parse_searches({words.front()});
    if (keyword == "search") conf.searches = parse_searches(words);
    if (keyword != "options") continue;
    for (const std::string& word : words) override_options(conf.options, {parse_option(word)});
  }
  return conf;
}

std::string to_text(const ResolvConf& conf) {
  std::string text;
  if (!conf.searches.empty()) text += "search " + join(conf.searches) + "\n";
  for (const std::string& server : conf.nameservers) text += "nameserver " + server + "\n";
  std::vector<std::string> options;
  for (const DnsOption& option : conf.options) options.push_back(to_text(option));
  if (!options.empty()) text += "options " + join(options) + "\n";
  return text;
}

bool only_loopback(const ResolvConf& conf) {
  return !conf.nameservers.empty() &&
         std::ranges::all_of(conf.nameservers, [](const std::string& server) {
           return server.starts_with("127.") || server == "::1";
         });
}

PodResolver pod_resolver(const Pod& pod, const ClusterDns& cluster, const ResolvConf& host) {
  const PodSpec& spec = pod.spec;
  PodResolver resolver;
  const bool has_cluster = !cluster.servers.empty();
  if (spec.dns_policy == DnsPolicy::None)
    resolver.conf.emplace();
  else if (wants_cluster(spec) && has_cluster)
    resolver.conf = of_cluster(pod, cluster, host);
  // ClusterFirst is what a manifest means that says nothing: without a cluster that is no news.
  if (spec.dns_policy == DnsPolicy::ClusterFirstWithHostNet && !has_cluster)
    resolver.notes.push_back(missing_cluster_dns());
  if (!resolver.conf && empty(spec.dns_config)) return resolver;
  if (!resolver.conf) resolver.conf = host;
  add_new(resolver.conf->nameservers, spec.dns_config.nameservers);
  add_new(resolver.conf->searches, spec.dns_config.searches);
  override_options(resolver.conf->options, spec.dns_config.options);
  fit(resolver);
  return resolver;
}

}  // namespace podvisor
