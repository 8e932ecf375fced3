#include "runtime/security/confinement.h"

#include <fstream>
#include <map>
#include <utility>

#include "runtime/security/seccomp_profile.h"

namespace podvisor {
namespace {

/// By the profile's text, empty for RuntimeDefault, and what it depends on.
using FilterKey = std::pair<std::string, CapabilityMask>;

constexpr std::size_t kMaxKept = 32;

/// Generating a filter takes some 15 ms, and most containers want one of very few.
template <typename MakeProfile>
Result<SeccompFilter> kept_filter(FilterKey key, MakeProfile make_profile) {
  static thread_local std::map<FilterKey, SeccompFilter> kept;
  if (const auto found = kept.find(key); found != kept.end()) return found->second;
  const Result<SeccompProfile> profile = make_profile();
  if (!profile) return tl::unexpected(profile.error());
  auto filter = compile(*profile);
  if (!filter) return filter;
  if (kept.size() >= kMaxKept) kept.clear();
  kept.emplace(std::move(key), *filter);
  return filter;
}

Result<SeccompFilter> default_filter(CapabilityMask capabilities) {
  const CapabilityMask relevant = capabilities & seccomp_capabilities();
  return kept_filter({"", relevant},
                     [&]() -> Result<SeccompProfile> { return default_seccomp_profile(relevant); });
}

Result<SeccompFilter> localhost_filter(const std::string& text, CapabilityMask capabilities) {
  return kept_filter({text, capabilities},
                     [&] { return parse_seccomp_profile(text, capabilities); });
}

/// A profile, and the filter that it becomes.
struct Seccomp {
  std::string oci;  ///< only where it is asked for
  SeccompFilter filter;
};

Result<Seccomp> default_seccomp(CapabilityMask capabilities, bool with_oci) {
  auto filter = default_filter(capabilities);
  if (!filter) return tl::unexpected(filter.error());
  std::string oci;
  if (with_oci) oci = to_oci_json(default_seccomp_profile(capabilities & seccomp_capabilities()));
  return Seccomp{std::move(oci), std::move(*filter)};
}

Result<Seccomp> localhost_seccomp(const std::string& path, const SecurityHost& host,
                                  CapabilityMask capabilities, bool with_oci) {
  const auto text = read_seccomp_profile(host.seccomp_root, path);
  if (!text) return tl::unexpected(text.error());
  auto filter = localhost_filter(*text, capabilities);
  if (!filter) return tl::unexpected(filter.error());
  Seccomp seccomp{{}, std::move(*filter)};
  if (!with_oci) return seccomp;
  const auto profile = parse_seccomp_profile(*text, capabilities);
  if (!profile) return tl::unexpected(profile.error());
  seccomp.oci = to_oci_json(*profile);
  return seccomp;
}

/// Whose calls the filter leaves open: those of the process. A user who is not root has none to
/// use, and gets the filter that a container's has.
CapabilityMask filtered_by(const Confinement& confinement, const SecurityContext& context,
                           const SecurityHost& host) {
  if (confinement.capabilities) return *confinement.capabilities;
  const bool root = context.run_as_user.value_or(0) == 0;
  return root ? host.capabilities : default_capabilities() & host.capabilities;
}

Status set_seccomp(Confinement& confinement, const SecurityContext& context,
                   const SecurityHost& host, bool with_oci) {
  const SecurityProfile& profile = *context.seccomp;
  if (profile.type == SecurityProfile::Type::Unconfined) return {};
  const CapabilityMask capabilities = filtered_by(confinement, context, host);
  const bool local = profile.type == SecurityProfile::Type::Localhost;
  auto seccomp = local ? localhost_seccomp(profile.localhost_profile, host, capabilities, with_oci)
                       : default_seccomp(capabilities, with_oci);
  if (!seccomp)
    return with_context("cannot load the seccomp profile " +
                            (local ? "\"" + profile.localhost_profile + "\"" : "RuntimeDefault"),
                        seccomp.error());
  confinement.seccomp_filter = std::move(seccomp->filter.program);
  confinement.seccomp_flags = seccomp->filter.flags;
  confinement.seccomp_profile = std::move(seccomp->oci);
  return {};
}

Status set_app_armor(Confinement& confinement, const SecurityProfile& profile,
                     const SecurityHost& host) {
  if (profile.type == SecurityProfile::Type::Unconfined) return {};
  if (!host.app_armor)
    return make_error(
        "cannot enforce AppArmor: this host's kernel does not have it enabled; "
        "remove appArmorProfile, or set its type to Unconfined");
  if (profile.type == SecurityProfile::Type::RuntimeDefault)
    return make_error(
        "podvisor brings no AppArmor profile of its own for RuntimeDefault; name "
        "one that is loaded here with type Localhost");
  confinement.app_armor = profile.localhost_profile;
  return {};
}

bool kernel_enforces_app_armor() {
  std::ifstream file("/sys/module/apparmor/parameters/enabled");
  char answer = 'N';
  return file >> answer && answer == 'Y';
}

}  // namespace

SecurityHost this_security_host(std::string seccomp_root) {
  return {own_capabilities(), kernel_enforces_app_armor(), std::move(seccomp_root)};
}

namespace {

/// `capabilities`: set already, unless the manifest says more.
Result<Confinement> confine_further(Confinement confinement, const SecurityContext& context,
                                    const SecurityHost& host, bool with_oci) {
  if (context.capabilities) {
    const auto mask = capability_mask(*context.capabilities, host.capabilities);
    if (!mask) return with_context("securityContext.capabilities", mask.error());
    confinement.capabilities = *mask;
  }
  if (context.seccomp)
    if (Status set = set_seccomp(confinement, context, host, with_oci); !set)
      return tl::unexpected(set.error());
  if (context.app_armor)
    if (Status set = set_app_armor(confinement, *context.app_armor, host); !set)
      return tl::unexpected(set.error());
  return confinement;
}

}  // namespace

Result<Confinement> confine(const SecurityContext& context, const SecurityHost& host) {
  Confinement confinement;
  confinement.no_new_privileges = !context.allow_privilege_escalation.value_or(true);
  if (context.privileged) return confinement;
  return confine_further(std::move(confinement), context, host, false);
}

Result<Confinement> confine_image(const SecurityContext& context, const SecurityHost& host) {
  Confinement confinement;
  confinement.no_new_privileges = !context.allow_privilege_escalation.value_or(true);
  confinement.capabilities = host.capabilities;
  if (context.privileged) return confinement;
  confinement.capabilities = default_capabilities() & host.capabilities;
  return confine_further(std::move(confinement), context, host, true);
}

}  // namespace podvisor
