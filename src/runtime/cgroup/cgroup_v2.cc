#include "runtime/cgroup/cgroup_v2.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "runtime/cgroup/delegation.h"
#include "runtime/cgroup/directory.h"
#include "runtime/cgroup/kill.h"
#include "runtime/cgroup/oom_watch.h"
#include "runtime/cgroup/usage.h"
#include "runtime/cgroup/values.h"

namespace podvisor {
namespace {

/// What one file is to say. `wanted`: the manifest asks for it, so a missing file is an error.
struct Setting {
  const char* file;
  std::string value;
  bool wanted;
};

Status apply(const CgroupDirectory& cgroup, const Setting& setting) {
  auto written = cgroup.write(setting.file, setting.value);
  if (!written && !setting.wanted && written.error().error_number == ENOENT) return {};
  return written;
}

std::array<Setting, 6> settings(const CgroupLimits& limits) {
  const bool memory = limits.memory_max.has_value();
  const bool cpu = limits.cpu_quota.has_value();
  const bool pids = limits.pids_max > 0;
  return {{
      {"memory.max", memory ? std::to_string(*limits.memory_max) : "max", memory},
      // As the kubelet's default, NoSwap: else a limit only means slower. No file: no swap.
      {"memory.swap.max", memory ? "0" : "max", false},
      {"memory.oom.group", "1", false},  // RES-4
      {"cpu.max", (cpu ? std::to_string(*limits.cpu_quota) : "max") + " 100000", cpu},
      {"cpu.weight", std::to_string(cpu_weight(limits.cpu_shares)), false},
      {"pids.max", pids ? std::to_string(limits.pids_max) : "max", pids},
  }};
}

class CgroupV2 : public Cgroup {
 public:
  explicit CgroupV2(CgroupDirectory directory) : directory_(std::move(directory)) {}

  [[nodiscard]] Status limit(const CgroupLimits& limits) const {
    for (const Setting& setting : settings(limits)) {
      if (auto applied = apply(directory_, setting); !applied) return applied;
    }
    return {};
  }

  [[nodiscard]] CgroupEntry entry() const override { return {directory_.fd(), {}}; }

  void kill_all() override {
    if (directory_.write("cgroup.kill", "1")) return;
    kill_processes(directory_, &directory_);  // before Linux 5.14
  }

  [[nodiscard]] bool empty() const override {
    const auto events = directory_.read("cgroup.events");
    return !events || find_value(*events, "populated").value_or(0) == 0;
  }

  [[nodiscard]] std::int64_t oom_kills() const override {
    const auto events = directory_.read("memory.events");
    return events ? find_value(*events, "oom_kill").value_or(0) : 0;
  }

  [[nodiscard]] Status watch_oom(Loop& loop, std::function<void()> callback) override {
    auto events = directory_.open_file("memory.events", O_RDONLY);
    if (!events) return tl::unexpected(events.error());
    watch_ = std::make_unique<OomWatch>(
        loop, OomWatch::Source{std::move(*events), UV_PRIORITIZED, false, count_oom_kills},
        std::move(callback));
    return {};
  }

  [[nodiscard]] ContainerUsage usage() const override { return usage_v2(directory_); }

  [[nodiscard]] Status remove() override {
    watch_.reset();  // the file of a cgroup that is gone stays "changed"
    return remove_cgroups_from(directory_.path());
  }

 private:
  /// Reads through the polled descriptor itself: that is what tells the kernel the news was seen.
  static std::int64_t count_oom_kills(int events) {
    std::array<char, 4096> text;
    const ssize_t got = ::pread(events, text.data(), text.size(), 0);
    if (got < 0) return -1;
    return find_value({text.data(), static_cast<std::size_t>(got)}, "oom_kill").value_or(0);
  }

  CgroupDirectory directory_;
  std::unique_ptr<OomWatch> watch_;
};

class CgroupTreeV2 : public CgroupTree {
 public:
  CgroupTreeV2(std::string mount, std::string parent_path)
      : mount_(std::move(mount)), parent_path_(std::move(parent_path)) {}

  [[nodiscard]] Status make_parent() const { return make_inner(parent_path_); }

  Result<std::unique_ptr<Cgroup>> make(const PodUid& pod, const std::string& container,
                                       const CgroupLimits& limits) override {
    auto made = make_container(pod, container, limits);
    if (made) return made;
    // Best effort: the error that led here is the one to report.
    static_cast<void>(remove_cgroups_from(pod_path(pod) + "/" + container));
    static_cast<void>(remove_pod(pod));
    return with_context("cgroup of container " + container + " of pod " + pod, made.error());
  }

  [[nodiscard]] Result<std::unique_ptr<Cgroup>> open(const PodUid& pod,
                                                     const std::string& container) const override {
    auto directory = CgroupDirectory::open(pod_path(pod) + "/" + container);
    if (!directory) return tl::unexpected(directory.error());
    return std::make_unique<CgroupV2>(std::move(*directory));
  }

  [[nodiscard]] std::vector<PodUid> pods() const override { return pods_below(parent_path_); }

  [[nodiscard]] Status clear_pod(const PodUid& pod) const override {
    if (auto left = CgroupDirectory::open(pod_path(pod))) CgroupV2(std::move(*left)).kill_all();
    return remove_cgroups_from(pod_path(pod));
  }

  [[nodiscard]] std::string runtime_path(const PodUid& pod,
                                         const std::string& container) const override {
    return pod_path(pod).substr(mount_.size()) + "/" + container;
  }

  Status remove_pod(const PodUid& pod) override { return remove_cgroup(pod_path(pod)); }

 private:
  [[nodiscard]] std::string pod_path(const PodUid& pod) const {
    return parent_path_ + "/pod" + pod;
  }

  /// A cgroup that holds cgroups, which get its controllers.
  [[nodiscard]] static Status make_inner(const std::string& path) {
    const auto made = CgroupDirectory::make(path);
    if (!made) return tl::unexpected(made.error());
    return delegate_controllers(*made);
  }

  [[nodiscard]] Result<std::unique_ptr<Cgroup>> make_container(const PodUid& pod,
                                                               const std::string& container,
                                                               const CgroupLimits& limits) const {
    if (auto made = make_parent(); !made) return tl::unexpected(made.error());
    if (auto made = make_inner(pod_path(pod)); !made) return tl::unexpected(made.error());
    auto directory = CgroupDirectory::make_anew(pod_path(pod) + "/" + container);
    if (!directory) return tl::unexpected(directory.error());
    auto cgroup = std::make_unique<CgroupV2>(std::move(*directory));
    if (auto limited = cgroup->limit(limits); !limited) return tl::unexpected(limited.error());
    return cgroup;
  }

  std::string mount_;
  std::string parent_path_;
};

}  // namespace

Result<std::unique_ptr<CgroupTree>> open_cgroup_tree_v2(const std::string& mount,
                                                        const std::string& base,
                                                        const std::string& parent) {
  auto tree = std::make_unique<CgroupTreeV2>(mount, base + "/" + parent);
  if (auto made = tree->make_parent(); !made) return tl::unexpected(made.error());
  return tree;
}

}  // namespace podvisor
