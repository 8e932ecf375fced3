#include "runtime/pod_files/pod_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "podvisor/fd.h"
#include "runtime/pod_files/hosts_file.h"

namespace podvisor {
namespace {

constexpr std::size_t kMaxHostFile = std::size_t{1} << 20U;

/// Empty where there is none; what is beyond the limit is not read.
std::string read_host_file(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::string text;
  char block[4096];
  while (file && text.size() < kMaxHostFile) {
    const ssize_t size = ::read(file.get(), block, sizeof block);
    if (size <= 0) break;
    text.append(block, static_cast<std::size_t>(size));
  }
  return text;
}

Status write_file(const std::string& path, std::string_view text) {
  const std::string what = "writing " + path;
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file || ::fchmod(file.get(), 0644) < 0) return errno_error(what, errno);
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0) return errno_error(what, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

/// NET-5: without an address there is nothing to say that the host's file does not.
std::string hosts_text(const Pod& pod, const std::string& pod_ip, const ClusterDns& cluster,
                       const HostFiles& host) {
  const bool aliases = !pod.spec.host_aliases.empty();
  if (pod.spec.host_network)
    return aliases ? hosts_file_on_host(pod, read_host_file(host.hosts)) : std::string();
  if (pod_ip.empty() && !aliases) return {};
  return hosts_file(pod, pod_ip, cluster.domain);
}

/// A cache on the host's loopback is out of the pod's reach: it gets the servers behind it.
PodResolver resolver(const Pod& pod, const ClusterDns& cluster, const HostFiles& host) {
  ResolvConf inherited = parse_resolv_conf(read_host_file(host.resolv_conf));
  bool replaced = false;
  if (!pod.spec.host_network && only_loopback(inherited)) {
    ResolvConf upstream = parse_resolv_conf(read_host_file(host.upstream_resolv_conf));
    replaced = !upstream.nameservers.empty() && !only_loopback(upstream);
    if (replaced) inherited = std::move(upstream);
  }
  PodResolver made = pod_resolver(pod, cluster, inherited);
  if (replaced && !made.conf) made.conf = std::move(inherited);
  return made;
}

}  // namespace

Result<PodFiles> make_pod_files(const Pod& pod, const std::string& pod_ip,
                                const ClusterDns& cluster, const std::string& directory,
                                const HostFiles& host) {
  PodFiles files;
  if (const std::string text = hosts_text(pod, pod_ip, cluster, host); !text.empty()) {
    files.hosts = directory + "/hosts";
    if (Status written = write_file(files.hosts, text); !written)
      return tl::unexpected(written.error());
  }
  PodResolver resolved = resolver(pod, cluster, host);
  files.notes = std::move(resolved.notes);
  if (resolved.conf) {
    files.resolv_conf = directory + "/resolv.conf";
    if (Status written = write_file(files.resolv_conf, to_text(*resolved.conf)); !written)
      return tl::unexpected(written.error());
  }
  return files;
}

Result<PodFiles> files_without_host(const PodFiles& files, const std::string& hostname,
                                    const std::string& directory, const HostFiles& host) {
  PodFiles own{files.hosts, files.resolv_conf, directory + "/hostname", {}};
  if (Status written = write_file(own.hostname, hostname + "\n"); !written)
    return tl::unexpected(written.error());
  const auto copy = [&](std::string& path, const char* name, const std::string& from) -> Status {
    if (!path.empty()) return {};
    path = directory + "/" + name;
    return write_file(path, read_host_file(from));
  };
  if (Status copied = copy(own.hosts, "hosts", host.hosts); !copied)
    return tl::unexpected(copied.error());
  if (Status copied = copy(own.resolv_conf, "resolv.conf", host.resolv_conf); !copied)
    return tl::unexpected(copied.error());
  return own;
}

}  // namespace podvisor
