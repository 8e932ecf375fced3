#include "runtime/cgroup/cgroup_v1.h"

#include <fcntl.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <set>
#include <utility>

#include "runtime/cgroup/directory.h"
#include "runtime/cgroup/kill.h"
#include "runtime/cgroup/oom_watch.h"
#include "runtime/cgroup/usage.h"
#include "runtime/cgroup/values.h"

namespace podvisor {
namespace {

constexpr const char* kMemorySwapLimit = "memory.memsw.limit_in_bytes";

/// One cgroup in one hierarchy.
struct Member {
  CgroupDirectory directory;
  Fd tasks;  ///< open for writing
};

Result<Member> member(Result<CgroupDirectory> directory) {
  if (!directory) return tl::unexpected(directory.error());
  auto tasks = directory->open_file("tasks", O_WRONLY);
  if (!tasks) return tl::unexpected(tasks.error());
  return Member{std::move(*directory), std::move(*tasks)};
}

Status no_controller(const char* name) {
  return make_error(std::string("this host has no cgroup hierarchy with the ") + name +
                        " controller: remove the limit, or mount one",
                    ENOENT);
}

/// A file that is missing where nothing is wanted of it is no error.
Status allow_missing(Status status) {
  if (!status && status.error().error_number == ENOENT) return {};
  return status;
}

Status limit_memory(const CgroupDirectory& memory, const CgroupLimits& limits) {
  const std::string bytes = std::to_string(limits.memory_max.value_or(-1));
  // memory+swap may never be below memory: lifted first, set again last. The same value means no
  // swap, as the kubelet has it by default; the file exists only where swap is accounted.
  if (auto lifted = allow_missing(memory.write(kMemorySwapLimit, "-1")); !lifted) return lifted;
  if (auto written = memory.write("memory.limit_in_bytes", bytes); !written) return written;
  return allow_missing(memory.write(kMemorySwapLimit, bytes));
}

/// Writing it takes the kernel a while, even where nothing changes.
Status lift_quota(const CgroupDirectory& cpu) {
  constexpr const char* kQuota = "cpu.cfs_quota_us";
  const auto quota = cpu.read(kQuota);
  if (quota && *quota == "-1\n") return {};
  return allow_missing(cpu.write(kQuota, "-1"));
}

Status limit_cpu(const CgroupDirectory* cpu, const CgroupLimits& limits) {
  if (cpu == nullptr) return limits.cpu_quota ? no_controller("cpu") : Status{};
  if (auto written = cpu->write("cpu.shares", std::to_string(limits.cpu_shares)); !written)
    return written;
  if (!limits.cpu_quota) return lift_quota(*cpu);
  if (auto written = cpu->write("cpu.cfs_period_us", "100000"); !written) return written;
  return cpu->write("cpu.cfs_quota_us", std::to_string(*limits.cpu_quota));
}

Status limit_pids(const CgroupDirectory* pids, const CgroupLimits& limits) {
  if (pids == nullptr) return limits.pids_max > 0 ? no_controller("pids") : Status{};
  return pids->write("pids.max", limits.pids_max > 0 ? std::to_string(limits.pids_max) : "max");
}

/// Nothing when the cgroup is gone; 0 on a kernel that does not count.
std::optional<std::int64_t> count_oom_kills(const CgroupDirectory& memory) {
  const auto text = memory.read("memory.oom_control");
  if (!text) return std::nullopt;
  return find_value(*text, "oom_kill").value_or(0);
}

class CgroupV1 : public Cgroup {
 public:
  /// `members` are in the order of `hierarchies`.
  CgroupV1(const std::vector<Hierarchy>& hierarchies, std::vector<Member> members)
      : members_(std::move(members)),
        memory_(find(hierarchies, "memory")),
        cpu_(find(hierarchies, "cpu")),
        cpuacct_(find(hierarchies, "cpuacct")),
        pids_(find(hierarchies, "pids")) {}

  [[nodiscard]] Status limit(const CgroupLimits& limits) const {
    if (auto limited = limit_memory(*memory_, limits); !limited) return limited;
    if (auto limited = limit_cpu(cpu_, limits); !limited) return limited;
    return limit_pids(pids_, limits);
  }

  [[nodiscard]] CgroupEntry entry() const override {
    CgroupEntry entry;
    for (const Member& member : members_) entry.tasks.push_back(member.tasks.get());
    return entry;
  }

  void kill_all() override { kill_processes(*memory_, pids_); }
  [[nodiscard]] bool empty() const override { return has_no_processes(*memory_); }

  // v1 counts a kill in the cgroup that the killed process was in, not in those above it.
  [[nodiscard]] std::int64_t oom_kills() const override {
    return count_oom_kills(*memory_).value_or(0);
  }

  [[nodiscard]] Status watch_oom(Loop& loop, std::function<void()> callback) override {
    Fd notice(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!notice) return errno_error("eventfd for " + memory_->path(), errno);
    const auto control = memory_->open_file("memory.oom_control", O_RDONLY);
    if (!control) return tl::unexpected(control.error());
    const auto request = std::to_string(notice.get()) + " " + std::to_string(control->get());
    if (auto asked = memory_->write("cgroup.event_control", request); !asked) return asked;
    // The kernel signals the eventfd before it chooses whom to kill.
    watch_ =
        std::make_unique<OomWatch>(loop,
                                   OomWatch::Source{std::move(notice), UV_READABLE, true,
                                                    [this](int fd) {
                                                      eventfd_t times = 0;
                                                      static_cast<void>(::eventfd_read(fd, &times));
                                                      return count_oom_kills(*memory_).value_or(-1);
                                                    }},
                                   std::move(callback));
    return {};
  }

  [[nodiscard]] ContainerUsage usage() const override {
    return usage_v1({memory_, cpu_, cpuacct_, pids_});
  }

  [[nodiscard]] Status remove() override {
    watch_.reset();  // removal signals the eventfd too
    for (const Member& member : members_) {
      if (auto removed = remove_cgroups_from(member.directory.path()); !removed) return removed;
    }
    return {};
  }

 private:
  [[nodiscard]] const CgroupDirectory* find(const std::vector<Hierarchy>& hierarchies,
                                            std::string_view controller) const {
    const Hierarchy* found = find_controller(hierarchies, controller);
    if (found == nullptr) return nullptr;
    return &members_[static_cast<std::size_t>(found - hierarchies.data())].directory;
  }

  std::vector<Member> members_;
  const CgroupDirectory* memory_;
  const CgroupDirectory* cpu_;
  const CgroupDirectory* cpuacct_;
  const CgroupDirectory* pids_;
  std::unique_ptr<OomWatch> watch_;
};

class CgroupTreeV1 : public CgroupTree {
 public:
  CgroupTreeV1(std::vector<Hierarchy> hierarchies, std::string parent)
      : hierarchies_(std::move(hierarchies)), parent_(std::move(parent)) {}

  [[nodiscard]] Status make_parent() const {
    for (const Hierarchy& hierarchy : hierarchies_) {
      auto made = CgroupDirectory::make(hierarchy.own + "/" + parent_);
      if (!made) return tl::unexpected(made.error());
    }
    return {};
  }

  Result<std::unique_ptr<Cgroup>> make(const PodUid& pod, const std::string& container,
                                       const CgroupLimits& limits) override {
    auto made = make_container(pod, container, limits);
    if (made) return made;
    remove_all(pod, container);
    static_cast<void>(remove_pod(pod));
    return with_context("cgroup of container " + container + " of pod " + pod, made.error());
  }

  [[nodiscard]] Result<std::unique_ptr<Cgroup>> open(const PodUid& pod,
                                                     const std::string& container) const override {
    std::vector<Member> members;
    for (const Hierarchy& hierarchy : hierarchies_) {
      auto found = member(CgroupDirectory::open(pod_path(hierarchy, pod) + "/" + container));
      if (!found) return tl::unexpected(found.error());
      members.push_back(std::move(*found));
    }
    return std::make_unique<CgroupV1>(hierarchies_, std::move(members));
  }

  [[nodiscard]] std::vector<PodUid> pods() const override {
    std::set<PodUid> all;  // one hierarchy may have lost what another still has
    for (const Hierarchy& hierarchy : hierarchies_)
      for (PodUid& pod : pods_below(hierarchy.own + "/" + parent_)) all.insert(std::move(pod));
    return {all.begin(), all.end()};
  }

  [[nodiscard]] Status clear_pod(const PodUid& pod) const override {
    for (const Hierarchy& hierarchy : hierarchies_)
      if (const auto left = CgroupDirectory::open(pod_path(hierarchy, pod)))
        kill_processes(*left, nullptr);
    for (const Hierarchy& hierarchy : hierarchies_)
      if (auto removed = remove_cgroups_from(pod_path(hierarchy, pod)); !removed) return removed;
    return {};
  }

  /// Where podvisor's own cgroup is not the same in all, no path from the mounts leads there.
  [[nodiscard]] std::string runtime_path(const PodUid& pod,
                                         const std::string& container) const override {
    const std::string below = parent_ + "/pod" + pod + "/" + container;
    for (const Hierarchy& hierarchy : hierarchies_)
      if (hierarchy.own != hierarchy.mount) return below;
    return "/" + below;
  }

  Status remove_pod(const PodUid& pod) override {
    for (const Hierarchy& hierarchy : hierarchies_) {
      if (auto removed = remove_cgroup(pod_path(hierarchy, pod)); !removed) return removed;
    }
    return {};
  }

 private:
  [[nodiscard]] std::string pod_path(const Hierarchy& hierarchy, const PodUid& pod) const {
    return hierarchy.own + "/" + parent_ + "/pod" + pod;
  }

  [[nodiscard]] Result<std::unique_ptr<Cgroup>> make_container(const PodUid& pod,
                                                               const std::string& container,
                                                               const CgroupLimits& limits) const {
    if (auto made = make_parent(); !made) return tl::unexpected(made.error());
    std::vector<Member> members;
    for (const Hierarchy& hierarchy : hierarchies_) {
      const std::string pod_directory = pod_path(hierarchy, pod);
      if (auto made = CgroupDirectory::make(pod_directory); !made)
        return tl::unexpected(made.error());
      auto made = member(CgroupDirectory::make_anew(pod_directory + "/" + container));
      if (!made) return tl::unexpected(made.error());
      members.push_back(std::move(*made));
    }
    auto cgroup = std::make_unique<CgroupV1>(hierarchies_, std::move(members));
    if (auto limited = cgroup->limit(limits); !limited) return tl::unexpected(limited.error());
    return cgroup;
  }

  /// Best effort: the error that led here is the one to report.
  void remove_all(const PodUid& pod, const std::string& container) const {
    for (const Hierarchy& hierarchy : hierarchies_)
      static_cast<void>(remove_cgroups_from(pod_path(hierarchy, pod) + "/" + container));
  }

  std::vector<Hierarchy> hierarchies_;
  std::string parent_;
};

}  // namespace

Result<std::unique_ptr<CgroupTree>> open_cgroup_tree_v1(std::vector<Hierarchy> hierarchies,
                                                        const std::string& parent) {
  auto tree = std::make_unique<CgroupTreeV1>(std::move(hierarchies), parent);
  if (auto made = tree->make_parent(); !made) return tl::unexpected(made.error());
  return tree;
}

}  // namespace podvisor
