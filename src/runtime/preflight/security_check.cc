#include "runtime/preflight/security_check.h"

#include <linux/capability.h>

#include <utility>

#include "runtime/security/capabilities.h"
#include "runtime/security/pod_namespaces.h"
#include "runtime/security/sysctls.h"

namespace podvisor {
namespace {

bool has(const HostFacts& facts, int capability) {
  return (facts.capabilities & capability_bit(capability)) != 0;
}

bool confines(const std::optional<SecurityProfile>& profile) {
  return profile && profile->type != SecurityProfile::Type::Unconfined;
}

class ContainerCheck {
 public:
  ContainerCheck(const SecurityContext& context, const HostFacts& facts, const std::string& field)
      : context_(context), facts_(facts), field_(field + ".securityContext") {}

  std::vector<Problem> run() && {
    check_root();
    if (context_.privileged) return std::move(problems_);
    check_capabilities();
    check_seccomp();
    check_app_armor();
    return std::move(problems_);
  }

 private:
  void report(const char* name, std::string message) {
    problems_.push_back({field_ + name, std::move(message)});
  }
  [[nodiscard]] bool may_gain() const { return context_.allow_privilege_escalation.value_or(true); }

  void check_root() {
    if (context_.read_only_root_filesystem && !facts_.may_make_namespaces)
      report(".readOnlyRootFilesystem",
             "a root that is read-only needs root (CAP_SYS_ADMIN, for a mount namespace): run "
             "podvisor as root, or remove it");
  }

  void check_capabilities() {
    if (!context_.capabilities) return;
    const auto mask = capability_mask(*context_.capabilities, facts_.capabilities);
    if (!mask) return report(".capabilities", mask.error().message);
    if (may_gain() && !has(facts_, CAP_SETPCAP))
      report(".capabilities",
             "that none of them can be gained again needs root (CAP_SETPCAP): run podvisor as "
             "root, or set allowPrivilegeEscalation: false, with which nothing can be gained");
  }

  void check_seccomp() {
    if (confines(context_.seccomp) && may_gain() && !has(facts_, CAP_SYS_ADMIN))
      report(".seccompProfile",
             "a seccomp profile needs root (CAP_SYS_ADMIN) as long as privileges can be gained: "
             "set allowPrivilegeEscalation: false, or run podvisor as root");
  }

  void check_app_armor() {
    if (confines(context_.app_armor) && !facts_.app_armor)
      report(".appArmorProfile",
             "this host's kernel does not have AppArmor enabled, so it cannot be enforced; remove "
             "appArmorProfile, or set its type to Unconfined");
  }

  const SecurityContext& context_;
  const HostFacts& facts_;
  std::string field_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> pod_security_problems(const PodSpec& spec, const HostFacts& facts) {
  std::vector<Problem> problems;
  const PodNamespaces own = pod_namespaces(spec);
  for (std::size_t i = 0; i < spec.sysctls.size(); ++i) {
    const Status checked = check_sysctl(spec.sysctls[i], own.network, own.ipc);
    if (checked) continue;
    problems.push_back(
        {"spec.securityContext.sysctls[" + std::to_string(i) + "]", checked.error().message});
  }
  if (own.pid && !facts.may_make_namespaces)
    problems.push_back({"spec.shareProcessNamespace",
                        "a process namespace needs root (CAP_SYS_ADMIN): run podvisor as root, or "
                        "remove it"});
  return problems;
}

std::vector<Problem> container_security_problems(const SecurityContext& context,
                                                 const HostFacts& facts, const std::string& field) {
  return ContainerCheck(context, facts, field).run();
}

}  // namespace podvisor
