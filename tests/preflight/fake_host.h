// A host of a few files and listeners, and a pod to check against it.
#pragma once

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/preflight/preflight.h"

namespace podvisor {

class FakeHost : public Host {
 public:
  [[nodiscard]] std::optional<FileFacts> file(const std::string& path) const override {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::optional<std::string> port_holder(const std::string& protocol,
                                                       const std::string& address,
                                                       std::uint16_t port) const override {
    const auto found = holders.find(protocol + " " + address + ":" + std::to_string(port));
    return found == holders.end() ? std::nullopt : std::optional(found->second);
  }

  std::map<std::string, FileFacts> files{{"/usr/bin/sleep", {S_IFREG | 0755, 0, 0}},
                                         {"/usr/sbin/runc", {S_IFREG | 0755, 0, 0}},
                                         {"/srv", {S_IFDIR | 0755, 0, 0}}};
  std::map<std::string, std::string> holders;  ///< "TCP 127.0.0.1:80" -> who
};

inline HostFacts root_facts() {
  HostFacts facts;
  facts.may_make_namespaces = facts.may_make_networks = facts.may_set_ids = true;
  facts.capabilities = ~CapabilityMask{0};
  facts.oci_runtimes = {"runc"};
  facts.path = "/usr/bin:/usr/sbin";
  return facts;
}

inline HostFacts user_facts() {
  HostFacts facts;
  facts.uid = facts.gid = 1000;
  return facts;
}

/// One plain process that runs anywhere, on the host's network.
inline Pod simple_pod() {
  Pod pod;
  pod.metadata.name = "web";
  pod.spec.host_network = true;
  pod.spec.network = NetworkMode::Host;
  pod.spec.containers.resize(1);
  pod.spec.containers[0].name = "main";
  pod.spec.containers[0].command = {"sleep", "1"};
  return pod;
}

/// Matches a Problem at this field whose message has this text in it.
inline auto problem(const std::string& field, const std::string& text) {
  return testing::AllOf(testing::Field(&Problem::field, field),
                        testing::Field(&Problem::message, testing::HasSubstr(text)));
}

}  // namespace podvisor
