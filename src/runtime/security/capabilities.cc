#include "runtime/security/capabilities.h"

#include <cap-ng.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace podvisor {
namespace {

constexpr int kDefault[] = {
    CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FSETID,     CAP_FOWNER,           CAP_MKNOD,
    CAP_SETGID, CAP_SETUID,       CAP_SETFCAP,    CAP_SETPCAP,          CAP_NET_RAW,
    CAP_KILL,   CAP_AUDIT_WRITE,  CAP_SYS_CHROOT, CAP_NET_BIND_SERVICE,
};

constexpr std::string_view kPrefix = "cap_";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

bool is_all(const std::string& name) { return lower(name) == "all"; }

Result<CapabilityMask> mask_of(const std::vector<std::string>& names) {
  CapabilityMask mask = 0;
  for (const std::string& name : names) {
    if (is_all(name)) return ~CapabilityMask{0};
    const auto capability = find_capability(name);
    if (!capability) return make_error("there is no capability \"" + name + "\"");
    mask |= capability_bit(*capability);
  }
  return mask;
}

/// What is asked for by its name is to be there. ALL means all there are.
Status check_given(const std::vector<std::string>& names, CapabilityMask own) {
  for (const std::string& name : names) {
    const auto capability = find_capability(name);
    if (!capability || (own & capability_bit(*capability)) != 0) continue;
    return make_error("podvisor does not have the capability " + capability_name(*capability) +
                      " itself, so it cannot give it; start podvisor with it, or remove it from " +
                      "capabilities.add");
  }
  return {};
}

}  // namespace

std::optional<int> find_capability(std::string_view name) {
  std::string plain = lower(name);
  if (plain.starts_with(kPrefix)) plain.erase(0, kPrefix.size());
  const int capability = capng_name_to_capability(plain.c_str());
  return capability < 0 ? std::nullopt : std::optional(capability);
}

std::string capability_name(int capability) {
  const char* name = capng_capability_to_name(static_cast<unsigned>(capability));
  std::string upper = name != nullptr ? name : std::to_string(capability);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

CapabilityMask default_capabilities() {
  CapabilityMask mask = 0;
  for (const int capability : kDefault) mask |= capability_bit(capability);
  return mask;
}

Result<CapabilityMask> capability_mask(const Capabilities& wanted, CapabilityMask own) {
  const auto add = mask_of(wanted.add);
  if (!add) return add;
  const auto drop = mask_of(wanted.drop);
  if (!drop) return drop;
  if (Status given = check_given(wanted.add, own); !given) return tl::unexpected(given.error());
  return ((default_capabilities() & ~*drop) | *add) & own;
}

CapabilityMask own_capabilities() {
  CapabilityMask mask = 0;
  if (capng_get_caps_process() != 0) return mask;
  for (int capability = 0; capability < 64; ++capability)
    if (capng_have_capability(CAPNG_EFFECTIVE, static_cast<unsigned>(capability)) == 1)
      mask |= capability_bit(capability);
  return mask;
}

}  // namespace podvisor
