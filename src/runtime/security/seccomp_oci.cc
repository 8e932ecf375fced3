// A profile as an OCI runtime is told of it.
#include <linux/seccomp.h>

#include <nlohmann/json.hpp>
#include <string>

#include "runtime/security/seccomp_profile.h"

namespace podvisor {
namespace {

using Json = nlohmann::json;

constexpr std::uint32_t kDataMask = 0xffff;

struct Action {
  const char* name;
  bool with_number;  ///< an errno, or what a tracer is told
};

Action action_of(std::uint32_t action) {
  switch (action & ~kDataMask) {
    case SCMP_ACT_ALLOW:
      return {"SCMP_ACT_ALLOW", false};
    case SCMP_ACT_ERRNO(0):
      return {"SCMP_ACT_ERRNO", true};
    case SCMP_ACT_TRACE(0):
      return {"SCMP_ACT_TRACE", true};
    case SCMP_ACT_TRAP:
      return {"SCMP_ACT_TRAP", false};
    case SCMP_ACT_LOG:
      return {"SCMP_ACT_LOG", false};
    case SCMP_ACT_KILL_PROCESS:
      return {"SCMP_ACT_KILL_PROCESS", false};
    default:
      return {"SCMP_ACT_KILL_THREAD", false};
  }
}

void put_action(Json& json, const char* name, const char* number, std::uint32_t action) {
  const Action named = action_of(action);
  json[name] = named.name;
  if (named.with_number) json[number] = action & kDataMask;
}

const char* comparison_of(scmp_compare compare) {
  switch (compare) {
    case SCMP_CMP_NE:
      return "SCMP_CMP_NE";
    case SCMP_CMP_LT:
      return "SCMP_CMP_LT";
    case SCMP_CMP_LE:
      return "SCMP_CMP_LE";
    case SCMP_CMP_GE:
      return "SCMP_CMP_GE";
    case SCMP_CMP_GT:
      return "SCMP_CMP_GT";
    case SCMP_CMP_MASKED_EQ:
      return "SCMP_CMP_MASKED_EQ";
    default:
      return "SCMP_CMP_EQ";
  }
}

/// With a mask, libseccomp and the specification count in the same order: the mask, then the value.
Json argument(const scmp_arg_cmp& each) {
  return {{"index", each.arg},
          {"value", each.datum_a},
          {"valueTwo", each.datum_b},
          {"op", comparison_of(each.op)}};
}

Json rule(const SeccompRule& each) {
  Json json{{"names", each.names}};
  put_action(json, "action", "errnoRet", each.action);
  for (const scmp_arg_cmp& one : each.arguments) json["args"].push_back(argument(one));
  return json;
}

const char* architecture_of(std::uint32_t architecture) {
  switch (architecture) {
    case SCMP_ARCH_X86:
      return "SCMP_ARCH_X86";
    case SCMP_ARCH_X32:
      return "SCMP_ARCH_X32";
    case SCMP_ARCH_X86_64:
      return "SCMP_ARCH_X86_64";
    case SCMP_ARCH_ARM:
      return "SCMP_ARCH_ARM";
    case SCMP_ARCH_AARCH64:
      return "SCMP_ARCH_AARCH64";
    default:
      return nullptr;  // of another machine: no process here is of it
  }
}

}  // namespace

std::string to_oci_json(const SeccompProfile& profile) {
  Json json{{"architectures", Json::array({architecture_of(seccomp_arch_native())})},
            {"syscalls", Json::array()}};
  put_action(json, "defaultAction", "defaultErrnoRet", profile.default_action);
  for (const std::uint32_t architecture : profile.architectures)
    if (const char* name = architecture_of(architecture); name != nullptr)
      json["architectures"].push_back(name);
  if ((profile.flags & SECCOMP_FILTER_FLAG_LOG) != 0)
    json["flags"].push_back("SECCOMP_FILTER_FLAG_LOG");
  if ((profile.flags & SECCOMP_FILTER_FLAG_SPEC_ALLOW) != 0)
    json["flags"].push_back("SECCOMP_FILTER_FLAG_SPEC_ALLOW");
  for (const SeccompRule& each : profile.rules) json["syscalls"].push_back(rule(each));
  return json.dump();
}

}  // namespace podvisor
