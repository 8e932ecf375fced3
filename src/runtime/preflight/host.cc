#include "runtime/preflight/host.h"

#include <linux/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "runtime/preflight/port_holder.h"
#include "runtime/preflight/preflight.h"
#include "runtime/security/confinement.h"

namespace podvisor {
namespace {

class ThisHost : public Host {
 public:
  [[nodiscard]] std::optional<FileFacts> file(const std::string& path) const override {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) < 0) return std::nullopt;
    return FileFacts{facts.st_mode, facts.st_uid, facts.st_gid};
  }
  [[nodiscard]] std::optional<std::string> port_holder(const std::string& protocol,
                                                       const std::string& address,
                                                       std::uint16_t port) const override {
    return find_port_holder(protocol, address, port);
  }
};

}  // namespace

HostFacts gather_host_facts(std::optional<std::string> cgroups_unavailable,
                            std::optional<std::string> bridge_unavailable) {
  const SecurityHost security = this_security_host({});
  const auto have = [&](int capability) {
    return (security.capabilities & capability_bit(capability)) != 0;
  };
  HostFacts facts;
  facts.capabilities = security.capabilities;
  facts.app_armor = security.app_armor;
  facts.uid = ::geteuid();
  facts.gid = ::getegid();
  facts.may_make_namespaces = have(CAP_SYS_ADMIN);
  facts.may_make_networks = have(CAP_NET_ADMIN);
  facts.may_set_ids = have(CAP_SETUID) && have(CAP_SETGID);
  facts.cgroups_unavailable = std::move(cgroups_unavailable);
  facts.bridge_unavailable = std::move(bridge_unavailable);
  const char* path = std::getenv("PATH");
  facts.path = path != nullptr ? path : kDefaultPath;
  return facts;
}

const Host& this_host() {
  static const ThisHost host;
  return host;
}

}  // namespace podvisor
