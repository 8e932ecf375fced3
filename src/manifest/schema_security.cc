// Rows: security contexts of pods and containers.
#include "manifest/schema.h"

namespace podvisor::manifest {
namespace {

constexpr Field kPodSecurityContextFields[] = {
    {.name = "runAsUser",
     .type = ValueType::UserId,
     .min = 0,
     .max = kMaxInt32,
     .meaning = "User id of the processes; unset: root."},
    {.name = "runAsGroup",
     .type = ValueType::GroupId,
     .min = 0,
     .max = kMaxInt32,
     .meaning = "Group id of the processes; unset: 0, or the user's own."},
    {.name = "runAsNonRoot", .type = ValueType::Boolean, .meaning = "Refuse to start as root."},
    {.name = "supplementalGroups",
     .type = ValueType::GroupId,
     .shape = Shape::List,
     .min = 0,
     .max = kMaxInt32,
     .meaning = "Further group ids."},
    {.name = "supplementalGroupsPolicy",
     .allowed = "Merge|Strict",
     .meaning = "Merge, as unset: groups that the user has in /etc/group count too."},
    {.name = "fsGroup",
     .type = ValueType::GroupId,
     .min = 0,
     .max = kMaxInt32,
     .meaning = "Group that owns the volumes, all but hostPath, and that the processes have."},
    {.name = "fsGroupChangePolicy",
     .allowed = "Always|OnRootMismatch",
     .meaning = "No difference here, nor in Kubernetes for such volumes: fsGroup is given as they "
                "are made."},
    {.name = "seccompProfile",
     .type = ValueType::Object,
     .object = &kSeccompProfileType,
     .meaning = "Filter of system calls; unset: none."},
    {.name = "appArmorProfile",
     .type = ValueType::Object,
     .object = &kAppArmorProfileType,
     .meaning = "AppArmor profile; unset: none."},
    {.name = "seLinuxOptions",
     .type = ValueType::Untyped,
     .support = Support::Ignored,
     .reason = "podvisor sets no SELinux labels, like a node without SELinux",
     .unless = "{}",
     .meaning = "SELinux label."},
    {.name = "seLinuxChangePolicy",
     .support = Support::Ignored,
     .reason = "podvisor sets no SELinux labels, like a node without SELinux",
     .meaning = "How volumes get their SELinux label."},
    {.name = "sysctls",
     .type = ValueType::Object,
     .shape = Shape::List,
     .object = &kSysctlType,
     .meaning = "Kernel parameters of the pod's own namespaces."},
    {.name = "windowsOptions",
     .type = ValueType::Untyped,
     .support = Support::Ignored,
     .reason = "podvisor runs on Linux",
     .unless = "{}",
     .meaning = "For Windows only."},
};

constexpr Field kSecurityContextFields[] = {
    {.name = "runAsUser",
     .type = ValueType::UserId,
     .min = 0,
     .max = kMaxInt32,
     .meaning = "User id of the process; unset: the pod's."},
    {.name = "runAsGroup",
     .type = ValueType::GroupId,
     .min = 0,
     .max = kMaxInt32,
     .meaning = "Group id of the process; unset: the pod's."},
    {.name = "runAsNonRoot",
     .type = ValueType::Boolean,
     .meaning = "Refuse to start as root; unset: the pod's."},
    {.name = "allowPrivilegeEscalation",
     .type = ValueType::Boolean,
     .meaning = "false: the process and its children can gain no privilege (no_new_privs)."},
    {.name = "privileged", .type = ValueType::Boolean, .meaning = "All privileges of the host."},
    {.name = "capabilities",
     .type = ValueType::Object,
     .object = &kCapabilitiesType,
     .meaning = "Capabilities to add to the usual ones and to drop."},
    {.name = "readOnlyRootFilesystem",
     .type = ValueType::Boolean,
     .meaning = "No write access but to volumes."},
    {.name = "procMount",
     .allowed = "Default|Unmasked",
     .refused_values = "Unmasked",
     .reason = "it wants hostUsers: false, and podvisor gives no pod a user namespace of its own",
     .meaning = "Which parts of /proc are hidden."},
    {.name = "seccompProfile",
     .type = ValueType::Object,
     .object = &kSeccompProfileType,
     .meaning = "Filter of system calls; unset: the pod's."},
    {.name = "appArmorProfile",
     .type = ValueType::Object,
     .object = &kAppArmorProfileType,
     .meaning = "AppArmor profile; unset: the pod's."},
    {.name = "seLinuxOptions",
     .type = ValueType::Untyped,
     .support = Support::Ignored,
     .reason = "podvisor sets no SELinux labels, like a node without SELinux",
     .unless = "{}",
     .meaning = "SELinux label."},
    {.name = "windowsOptions",
     .type = ValueType::Untyped,
     .support = Support::Ignored,
     .reason = "podvisor runs on Linux",
     .unless = "{}",
     .meaning = "For Windows only."},
};

constexpr Field kCapabilitiesFields[] = {
    {.name = "add",
     .shape = Shape::List,
     .format = Format::Capability,
     .meaning = "Capabilities to add, with or without `CAP_`; `ALL`."},
    {.name = "drop",
     .shape = Shape::List,
     .format = Format::Capability,
     .meaning = "Capabilities to drop, before those of `add` are added; `ALL`."},
};

constexpr Field kSeccompProfileFields[] = {
    {.name = "type",
     .required = true,
     .allowed = "RuntimeDefault|Localhost|Unconfined",
     .meaning = "The usual filter, one of the host's files, or none."},
    {.name = "localhostProfile",
     .format = Format::RelativePath,
     .meaning = "Localhost: the file, below podvisor's directory of profiles."},
};

constexpr Field kAppArmorProfileFields[] = {
    {.name = "type",
     .required = true,
     .allowed = "RuntimeDefault|Localhost|Unconfined",
     .meaning = "The usual profile, one that the host has loaded, or none."},
    {.name = "localhostProfile", .meaning = "Localhost: name of the loaded profile."},
};

constexpr Field kSysctlFields[] = {
    {.name = "name",
     .required = true,
     .meaning =
         "With dots or slashes. Those that Kubernetes calls safe: `kernel.shm_rmid_forced`, "
         "`net.ipv4.ip_local_port_range`, `net.ipv4.ip_local_reserved_ports`, "
         "`net.ipv4.ip_unprivileged_port_start`, `net.ipv4.ping_group_range`, "
         "`net.ipv4.tcp_fin_timeout`, `net.ipv4.tcp_keepalive_intvl`, "
         "`net.ipv4.tcp_keepalive_probes`, `net.ipv4.tcp_keepalive_time`, `net.ipv4.tcp_rmem`, "
         "`net.ipv4.tcp_syncookies`, `net.ipv4.tcp_wmem`. Not those of a namespace of the "
         "host's."},
    {.name = "value", .required = true, .meaning = "Its value."},
};

}  // namespace

const ObjectType kPodSecurityContextType = {"PodSecurityContext", "", kPodSecurityContextFields};
const ObjectType kSecurityContextType = {"SecurityContext", "", kSecurityContextFields};
const ObjectType kCapabilitiesType = {"Capabilities", "", kCapabilitiesFields};
const ObjectType kSeccompProfileType = {"SeccompProfile", "", kSeccompProfileFields};
const ObjectType kAppArmorProfileType = {"AppArmorProfile", "", kAppArmorProfileFields};
const ObjectType kSysctlType = {"Sysctl", "", kSysctlFields};

}  // namespace podvisor::manifest
