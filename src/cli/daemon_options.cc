#include "cli/daemon_options.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "cli/text.h"
#include "manifest/labels.h"
#include "manifest/quantity.h"

namespace podvisor::cli {
namespace {

/// ADDR:PORT; the address may be an IPv6 one in brackets. Whether it can be had is found out later.
std::string listen_problem(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const std::string_view port =
      std::string_view(text).substr(colon == std::string::npos ? text.size() : colon + 1);
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (colon != 0 && error == std::errc{} && end == port.data() + port.size()) return {};
  return "\"" + printable(text) + "\" is not ADDR:PORT, such as 127.0.0.1:9100 or [::1]:9100";
}

/// A flag that takes one of a few words.
template <typename T>
void add_choice(CLI::App& verb, const std::string& flag,
                const std::vector<std::pair<std::string, T>>& choices, T& value,
                const std::string& description) {
  std::vector<std::string> words;
  for (const auto& [word, meaning] : choices) words.push_back(word);
  const auto choose = [choices, &value](const std::string& given) {
    for (const auto& [word, meaning] : choices)
      if (word == given) value = meaning;
  };
  verb.add_option_function<std::string>(flag, choose, description)
      ->check(CLI::IsMember(words))
      ->default_str(words.front())
      ->type_name("MODE");
}

void add_places(CLI::App& verb, DaemonOptions& options) {
  verb.add_option("--state-dir", options.layout.state_dir, "Volumes and logs")
      ->capture_default_str()
      ->type_name("DIR");
  verb.add_option("--runtime-dir", options.layout.runtime_dir, "Sockets and what a reboot ends")
      ->capture_default_str()
      ->type_name("DIR");
  verb.add_option("--seccomp-profile-root", options.seccomp_profile_root,
                  "Of seccompProfile's type Localhost; default: seccomp in --state-dir")
      ->type_name("DIR");
  verb.add_option("--socket", options.socket, "The API's; default: podvisor.sock in --runtime-dir")
      ->envname("PODVISOR_SOCKET")
      ->type_name("PATH");
  verb.add_option("--listen", options.listen,
                  "For /metrics, /livez, /readyz and /http_sd; default: none")
      ->check(listen_problem)
      ->type_name("ADDR:PORT");
}

void add_balancers(CLI::App& verb, DaemonOptions& options) {
  verb.add_option("--agent-check", options.agent_check,
                  "For HAProxy's agent checks (agent-send NAMESPACE/POD); default: none")
      ->check(listen_problem)
      ->type_name("ADDR:PORT");
  verb.add_option(
          "--on-change", options.on_change,
          "Run when a pod begins or ceases to get traffic, with JSON on its standard input; "
          "podvisor waits until it has succeeded")
      ->check(CLI::ExistingFile)
      ->type_name("PROGRAM");
}

void add_door(CLI::App& verb, DaemonOptions& options) {
  verb.add_option("--door-user", options.door_user,
                  "User and group, by number, that podvisor-door becomes; 0: podvisor's own")
      ->check(CLI::Range(0U, 4294967294U))
      ->capture_default_str()
      ->type_name("UID");
}

void add_network(CLI::App& verb, DaemonOptions& options) {
  add_choice<NetworkMode>(verb, "--network",
                          {{"bridge", NetworkMode::Bridge}, {"none", NetworkMode::None}},
                          options.network, "For pods that do not say");
  verb.add_option("--bridge", options.bridge, "The bridge's name")
      ->capture_default_str()
      ->type_name("NAME");
  verb.add_option("--pod-cidr", options.pod_cidr, "Where pods' addresses come from")
      ->capture_default_str()
      ->type_name("CIDR");
  verb.add_flag_function(
      "--no-masquerade", [&options](std::int64_t) { options.masquerade = false; },
      "Leave pods' addresses as they are on the way out");
}

std::string address_problem(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  for (const int family : {AF_INET, AF_INET6})
    if (::inet_pton(family, text.c_str(), bytes.data()) == 1) return {};
  return "\"" + printable(text) + "\" is not an IP address, such as 10.96.0.10";
}

std::string domain_problem(const std::string& text) {
  constexpr std::size_t kMaxDomain = 253;
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  if (text.size() <= kMaxDomain && std::ranges::all_of(text, fits)) return {};
  return "\"" + printable(text) + "\" is not a domain, such as cluster.local";
}

void add_dns(CLI::App& verb, DaemonOptions& options) {
  verb.add_option(
          "--cluster-dns", options.cluster_dns,
          "Name servers of a cluster, for pods whose dnsPolicy asks for them; default: none")
      ->delimiter(',')
      ->allow_extra_args(false)  // what follows is a manifest
      ->check(address_problem)
      ->type_name("IP");
  verb.add_option("--cluster-domain", options.cluster_domain,
                  "Ends the full names of pods with a subdomain, and begins the cluster's searches")
      ->check(domain_problem)
      ->capture_default_str()
      ->type_name("DOMAIN");
}

void add_node(CLI::App& verb, DaemonOptions& options) {
  verb.add_option("--node-ip", options.node_ip, "The node's address; default: this host's first")
      ->check(address_problem)
      ->type_name("IP");
  verb.add_option_function<std::string>(
          "--node-labels",
          [&options](const std::string& text) {
            auto labels = manifest::parse_labels(text);
            if (!labels) throw CLI::ValidationError("--node-labels", labels.error().message);
            options.node_labels = std::move(*labels);
          },
          "Labels of the node, besides those set with `podvisor label node`")
      ->type_name("KEY=VALUE,...");
}

void add_limits(CLI::App& verb, DaemonOptions& options) {
  add_choice<bool>(verb, "--cgroups", {{"auto", true}, {"none", false}}, options.cgroups,
                   "With none, nothing is limited or measured");
  verb.add_option("--cgroup-parent", options.cgroup_parent,
                  "The cgroup that holds the pods': NAME below podvisor's own, /NAME below the top")
      ->capture_default_str()
      ->type_name("NAME");
  verb.add_option("--pod-max-pids", options.pod_max_pids, "Processes in a container; 0: any number")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("N");
}

/// A quantity; a negative one is no limit (LOG-5).
void set_log_size(DaemonOptions& options, const std::string& text) {
  const auto size = manifest::parse_quantity(text);
  if (!size)
    throw CLI::ValidationError("--container-log-max-size",
                               "\"" + printable(text) + "\" " + manifest::kQuantityForm);
  options.log_rotation.max_size = manifest::value(*size);
}

void add_log_rotation(CLI::App& verb, DaemonOptions& options) {
  verb.add_option_function<std::string>(
          "--container-log-max-size",
          [&options](const std::string& text) { set_log_size(options, text); },
          "How large a container's log grows before it is rotated; -1: as it likes")
      ->default_str("10Mi")
      ->type_name("SIZE");
  verb.add_option("--container-log-max-files", options.log_rotation.max_files,
                  "Files of one log, the rotated ones included; at least 2")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str()
      ->type_name("N");
}

void add_images(CLI::App& verb, DaemonOptions& options) {
  verb.add_option("--runtime", options.oci_runtimes,
                  "OCI runtime for containers with an image; may be repeated: the first that works")
      ->allow_extra_args(false)  // what follows is a manifest
      ->default_str("crun,runc")
      ->delimiter(',')
      ->type_name("PROGRAM");
  verb.add_option("--insecure-registry", options.insecure_registries,
                  "A registry without TLS; may be repeated")
      ->allow_extra_args(false)
      ->type_name("HOST[:PORT]");
  verb.add_option("--image-gc-high-threshold", options.image_gc_high,
                  "Percent of the disk in use above which unused images are removed")
      ->check(CLI::Range(0, 100))
      ->capture_default_str()
      ->type_name("PERCENT");
  verb.add_option("--image-gc-low-threshold", options.image_gc_low, "… until so much is in use")
      ->check(CLI::Range(0, 100))
      ->capture_default_str()
      ->type_name("PERCENT");
}

/// BKO-8: the cap lies between 1 s and 300 s.
void set_restart_period(DaemonOptions& options, const std::string& text) {
  const Result<Duration> span = parse_duration(text);
  if (!span) throw CLI::ValidationError("--max-container-restart-period", span.error().message);
  if (*span < std::chrono::seconds(1) || *span > std::chrono::seconds(300))
    throw CLI::ValidationError("--max-container-restart-period",
                               "\"" + printable(text) + "\" is not between 1s and 300s");
  options.backoff.max = *span;
}

void set_volume_stats_period(DaemonOptions& options, const std::string& text) {
  const Result<Duration> span = parse_duration(text);
  if (!span) throw CLI::ValidationError("--volume-stats-agg-period", span.error().message);
  if (*span < std::chrono::milliseconds(100))
    throw CLI::ValidationError("--volume-stats-agg-period",
                               "\"" + printable(text) + "\" is not at least 100ms");
  options.volume_stats_period = *span;
}

void add_periods(CLI::App& verb, DaemonOptions& options) {
  verb.add_option_function<std::string>(
          "--max-container-restart-period",
          [&options](const std::string& text) { set_restart_period(options, text); },
          "Longest wait before a crashed container, or what could not start, is tried again")
      ->default_str("300s")
      ->type_name("TIME");
  verb.add_option_function<std::string>(
          "--volume-stats-agg-period",
          [&options](const std::string& text) { set_volume_stats_period(options, text); },
          "From one measurement of emptyDir volumes that have a sizeLimit to the next")
      ->default_str("10s")
      ->type_name("TIME");
}

}  // namespace

void add_validate_option(CLI::App& verb, Validate& validate) {
  add_choice<Validate>(
      verb, "--validate",
      {{"strict", Validate::Strict}, {"warn", Validate::Warn}, {"ignore", Validate::Ignore}},
      validate, "What a field that nobody knows is: an error, a warning, nothing");
}

void add_daemon_options(CLI::App& verb, DaemonOptions& options) {
  add_places(verb, options);
  add_balancers(verb, options);
  add_door(verb, options);
  add_network(verb, options);
  add_dns(verb, options);
  add_limits(verb, options);
  add_log_rotation(verb, options);
  add_images(verb, options);
  add_periods(verb, options);
  add_node(verb, options);
  add_validate_option(verb, options.validate);
}

}  // namespace podvisor::cli
