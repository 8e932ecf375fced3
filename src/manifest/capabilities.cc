#include "manifest/capabilities.h"

#include <algorithm>
#include <array>
#include <vector>

#include "manifest/suggest.h"

namespace podvisor::manifest {
namespace {

// capabilities(7), in the order of their numbers.
constexpr std::array kCapabilities = {"CHOWN",
                                      "DAC_OVERRIDE",
                                      "DAC_READ_SEARCH",
                                      "FOWNER",
                                      "FSETID",
                                      "KILL",
                                      "SETGID",
                                      "SETUID",
                                      "SETPCAP",
                                      "LINUX_IMMUTABLE",
                                      "NET_BIND_SERVICE",
                                      "NET_BROADCAST",
                                      "NET_ADMIN",
                                      "NET_RAW",
                                      "IPC_LOCK",
                                      "IPC_OWNER",
                                      "SYS_MODULE",
                                      "SYS_RAWIO",
                                      "SYS_CHROOT",
                                      "SYS_PTRACE",
                                      "SYS_PACCT",
                                      "SYS_ADMIN",
                                      "SYS_BOOT",
                                      "SYS_NICE",
                                      "SYS_RESOURCE",
                                      "SYS_TIME",
                                      "SYS_TTY_CONFIG",
                                      "MKNOD",
                                      "LEASE",
                                      "AUDIT_WRITE",
                                      "AUDIT_CONTROL",
                                      "SETFCAP",
                                      "MAC_OVERRIDE",
                                      "MAC_ADMIN",
                                      "SYSLOG",
                                      "WAKE_ALARM",
                                      "BLOCK_SUSPEND",
                                      "AUDIT_READ",
                                      "PERFMON",
                                      "BPF",
                                      "CHECKPOINT_RESTORE"};

}  // namespace

std::string bare_capability(std::string_view name) {
  std::string bare(name);
  for (char& c : bare) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return bare.starts_with("CAP_") ? bare.substr(4) : bare;
}

std::string check_capability(std::string_view name) {
  const std::string bare = bare_capability(name);
  const std::vector<std::string> known(kCapabilities.begin(), kCapabilities.end());
  if (bare == "ALL" || std::find(known.begin(), known.end(), bare) != known.end()) return "";
  const std::string meant = nearest(bare, known);
  const std::string wrong = "must be ALL or the name of a capability, such as NET_ADMIN";
  return meant.empty() ? wrong : wrong + "; did you mean " + meant + "?";
}

}  // namespace podvisor::manifest
