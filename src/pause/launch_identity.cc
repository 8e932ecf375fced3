#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

#include <cstring>

#include "pause/launch_steps.h"

namespace podvisor::pause {
namespace {

constexpr int kCapabilities = 64;

/// "exec NAME": from the next execve on. The file of this name alone is AppArmor's for certain;
/// before Linux 5.8 there is only the one that all security modules share.
void apply_app_armor(Launch& launch) {
  char text[512] = "exec ";
  const std::size_t size = std::strlen(launch.spawn->app_armor);
  if (size > sizeof text - 5) give_up(launch, Step::AppArmor, -ENAMETOOLONG);
  std::memcpy(text + 5, launch.spawn->app_armor, size);
  long fd = sys(SYS_openat, AT_FDCWD, "/proc/self/attr/apparmor/exec", O_WRONLY | O_CLOEXEC);
  if (fd == -ENOENT) fd = sys(SYS_openat, AT_FDCWD, "/proc/self/attr/exec", O_WRONLY | O_CLOEXEC);
  require(launch, Step::AppArmor, fd);
  require(launch, Step::AppArmor, sys(SYS_write, fd, text, size + 5));
  close_fd(static_cast<int>(fd));
}

void apply_seccomp(Launch& launch) {
  const auto filter = launch.spawn->seccomp;
  if (filter.empty()) return;
  // Wherever in the message it is: the kernel copies it.
  sock_fprog program{static_cast<unsigned short>(filter.size() / sizeof(sock_filter)),
                     reinterpret_cast<sock_filter*>(const_cast<char*>(filter.data()))};
  require(launch, Step::Seccomp,
          sys(SYS_seccomp, SECCOMP_SET_MODE_FILTER, launch.spawn->seccomp_flags, &program));
}

/// Who may not drop from it may still not gain from it, once no_new_privs is set.
void limit_bounding_set(Launch& launch) {
  for (int capability = 0; capability < kCapabilities; ++capability) {
    if ((launch.spawn->capabilities >> capability & 1) != 0) continue;
    if (sys(SYS_prctl, PR_CAPBSET_READ, capability) != 1) continue;
    const long dropped = sys(SYS_prctl, PR_CAPBSET_DROP, capability);
    if (dropped == -EPERM && launch.spawn->no_new_privileges) return;
    require(launch, Step::Capabilities, dropped);
  }
}

/// After setresuid, which leaves none to a user that is not root. Nothing is inheritable, so
/// nothing is ambient either.
void limit_capabilities(Launch& launch) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  require(launch, Step::Capabilities, sys(SYS_capget, &header, data));
  for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; ++i) {
    data[i].permitted &= static_cast<std::uint32_t>(launch.spawn->capabilities >> (32 * i));
    data[i].effective = data[i].permitted;
    data[i].inheritable = 0;
  }
  require(launch, Step::Capabilities, sys(SYS_capset, &header, data));
}

void set_ids(Launch& launch) {
  const SpawnView& spawn = *launch.spawn;
  if (spawn.set_groups)
    require(launch, Step::Groups, sys(SYS_setgroups, spawn.groups.count, spawn.groups.items));
  if (spawn.set_gid)
    require(launch, Step::Group, sys(SYS_setresgid, spawn.gid, spawn.gid, spawn.gid));
  if (spawn.set_uid)
    require(launch, Step::User, sys(SYS_setresuid, spawn.uid, spawn.uid, spawn.uid));
}

}  // namespace

/// Without no_new_privs a filter is a privilege, so it comes first; with it, last of all, so that
/// the steps before need not pass it.
void become_user(Launch& launch) {
  const SpawnView& spawn = *launch.spawn;
  if (spawn.app_armor != nullptr) apply_app_armor(launch);
  if (!spawn.no_new_privileges) apply_seccomp(launch);
  if (spawn.set_capabilities) limit_bounding_set(launch);
  set_ids(launch);
  if (spawn.set_capabilities) limit_capabilities(launch);
  if (!spawn.no_new_privileges) return;
  require(launch, Step::NoNewPrivileges, sys(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1));
  apply_seccomp(launch);
}

}  // namespace podvisor::pause
