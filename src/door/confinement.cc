#include "door/confinement.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace podvisor::door {
namespace {

#ifdef PODVISOR_SANITIZED
constexpr bool kTraced = true;  // leaks are looked for by a tracer
#else
constexpr bool kTraced = false;
#endif

void empty_bounding_set() {
  // Who may not drop from it has no_new_privs all the same.
  for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
    prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

Status become(uid_t user) {
  if (user == 0 || geteuid() != 0) return {};
  const auto group = static_cast<gid_t>(user);
  if (setgroups(0, nullptr) == 0 && setresgid(group, group, group) == 0 &&
      setresuid(user, user, user) == 0)
    return {};
  return errno_error("cannot become user " + std::to_string(user), errno);
}

void drop_capabilities() {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  syscall(SYS_capset, &header, none);
}

void leave_no_core() {
  const rlimit none{0, 0};
  if (!kTraced) setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, kTraced ? 1 : 0, 0, 0, 0);
}

}  // namespace

Status give_up_privileges(uid_t user) {
  empty_bounding_set();  // which is root's to do
  Status became = become(user);
  drop_capabilities();
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  leave_no_core();
  return became;
}

}  // namespace podvisor::door
