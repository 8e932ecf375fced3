// Words for podvisor; pause itself knows only numbers.
#include "pause/protocol.h"

namespace podvisor::pause {

const char* to_string(Step step) {
  switch (step) {
    case Step::None:
      return "do nothing";
    case Step::Request:
      return "understand the request";
    case Step::Clone:
      return "make a process";
    case Step::Cgroup:
      return "enter the cgroup";
    case Step::Session:
      return "begin a session";
    case Step::JoinNamespace:
      return "join a namespace of the container";
    case Step::MountNamespace:
      return "make a mount namespace";
    case Step::Mount:
      return "mount a volume";
    case Step::Stdio:
      return "attach stdin, stdout and stderr";
    case Step::WorkingDirectory:
      return "change to the working directory";
    case Step::Groups:
      return "set the supplementary groups";
    case Step::Group:
      return "set the group id";
    case Step::User:
      return "set the user id";
    case Step::NoNewPrivileges:
      return "set no_new_privs";
    case Step::Exec:
      return "execute the command";
    case Step::MakeNamespaces:
      return "make the pod's namespaces";
    case Step::JoinNetwork:
      return "join the network namespace";
    case Step::Hostname:
      return "set the hostname";
    case Step::Loopback:
      return "bring the loopback interface up";
    case Step::Capabilities:
      return "give up capabilities";
    case Step::Seccomp:
      return "apply the seccomp profile";
    case Step::AppArmor:
      return "apply the AppArmor profile";
    case Step::ReadOnlyRoot:
      return "make the root file system read-only";
    case Step::Proc:
      return "mount /proc";
    case Step::MaskPath:
      return "mask a path of /proc";
    case Step::PidNamespace:
      return "make the pod's process namespace";
    case Step::Sysctl:
      return "set a sysctl";
    case Step::Terminal:
      return "take the terminal over";
  }
  return "do an unknown step";
}

}  // namespace podvisor::pause
