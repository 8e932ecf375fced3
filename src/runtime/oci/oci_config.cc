#include "runtime/oci/oci_config.h"

#include <nlohmann/json.hpp>

namespace podvisor {
namespace {

using Json = nlohmann::json;
using Texts = std::vector<std::string>;

Json mount(const char* target, const char* type, const char* source, const Texts& options) {
  return {{"destination", target}, {"type", type}, {"source", source}, {"options", options}};
}

Json user(const ProcessSpec& process) {
  Json user{{"uid", process.uid.value_or(0)}, {"gid", process.gid.value_or(0)}};
  if (process.groups && !process.groups->empty()) user["additionalGids"] = *process.groups;
  return user;
}

Json process(const OciContainer& container) {
  const ProcessSpec& spec = container.process;
  const Texts& capabilities = container.capabilities;
  Json json{
      {"terminal", container.terminal},
      {"user", user(spec)},
      {"args", spec.argv},
      {"env", spec.env},
      {"cwd", spec.working_directory},
      {"noNewPrivileges", container.no_new_privileges},
      {"capabilities",
       {{"bounding", capabilities}, {"effective", capabilities}, {"permitted", capabilities}}}};
  json["oomScoreAdj"] = spec.oom_score_adj;
  if (!container.app_armor.empty()) json["apparmorProfile"] = container.app_armor;
  return json;
}

/// What every container has, in the order in which it is mounted.
Json standard_mounts(const OciContainer& container) {
  const std::string access = container.privileged ? "rw" : "ro";
  Json mounts = Json::array();
  mounts.push_back(mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}));
  mounts.push_back(
      mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}));
  mounts.push_back(
      mount("/dev/pts", "devpts", "devpts",
            {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}));
  if (container.shared_memory.empty())
    mounts.push_back(mount("/dev/shm", "tmpfs", "shm",
                           {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}));
  else
    mounts.push_back(
        mount("/dev/shm", "bind", container.shared_memory.c_str(), {"rbind", "rprivate"}));
  mounts.push_back(mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}));
  if (container.own_network)
    mounts.push_back(mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", access}));
  else  // sysfs shows the network namespace of whoever mounts it
    mounts.push_back(mount("/sys", "bind", "/sys", {"rbind", "nosuid", "noexec", "nodev", access}));
  mounts.push_back(mount("/sys/fs/cgroup", "cgroup", "cgroup",
                         {"nosuid", "noexec", "nodev", "relatime", access}));
  return mounts;
}

Json own_mount(const OciMount& own) {
  return mount(own.target.c_str(), "bind", own.source.c_str(),
               {"rbind", own.propagation, own.read_only ? "ro" : "rw"});
}

Json namespaces(const OciContainer& container) {
  Json list = Json::array();
  for (const OciNamespace& each : container.namespaces) {
    Json json{{"type", each.type}};
    if (!each.path.empty()) json["path"] = each.path;
    list.push_back(std::move(json));
  }
  return list;
}

/// The strongest propagation that a mount asks for: one of the root must not be weaker.
std::string root_propagation(const OciContainer& container) {
  std::string strongest = "rprivate";
  for (const OciMount& each : container.mounts) {
    if (each.propagation == "rshared") return each.propagation;
    if (each.propagation == "rslave") strongest = each.propagation;
  }
  return strongest;
}

Json devices(const OciContainer& container) {
  Json list = Json::array();
  for (const OciDevice& each : container.devices)
    list.push_back({{"path", each.path},
                    {"type", std::string(1, each.type)},
                    {"major", each.major},
                    {"minor", each.minor},
                    {"fileMode", each.mode},
                    {"uid", each.uid},
                    {"gid", each.gid}});
  return list;
}

Json linux_part(const OciContainer& container) {
  Json json{{"namespaces", namespaces(container)}};
  json["resources"]["devices"] =
      Json::array({{{"allow", container.privileged}, {"access", "rwm"}}});
  if (!container.devices.empty()) json["devices"] = devices(container);
  if (!container.cgroups_path.empty()) json["cgroupsPath"] = container.cgroups_path;
  if (!container.seccomp.empty()) json["seccomp"] = Json::parse(container.seccomp);
  if (const std::string wanted = root_propagation(container); wanted != "rprivate")
    json["rootfsPropagation"] = wanted;
  if (container.privileged) return json;
  json["maskedPaths"] = masked_paths({});
  json["readonlyPaths"] = read_only_paths();
  return json;
}

}  // namespace

std::string oci_config(const OciContainer& container) {
  Json mounts = standard_mounts(container);
  for (const OciMount& own : container.mounts) mounts.push_back(own_mount(own));
  return Json{{"ociVersion", "1.0.2"},
              {"process", process(container)},
              {"root", {{"path", container.rootfs}, {"readonly", container.read_only_root}}},
              {"mounts", std::move(mounts)},
              {"linux", linux_part(container)}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::vector<std::string> masked_paths(const std::vector<int>& cpus) {
  Texts paths{"/proc/asound",     "/proc/acpi",        "/proc/interrupts",
              "/proc/kcore",      "/proc/keys",        "/proc/latency_stats",
              "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
              "/proc/scsi",       "/sys/firmware",     "/sys/devices/virtual/powercap"};
  for (const int cpu : cpus)
    paths.push_back("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/thermal_throttle");
  return paths;
}

std::vector<std::string> read_only_paths() {
  return {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
}

}  // namespace podvisor
