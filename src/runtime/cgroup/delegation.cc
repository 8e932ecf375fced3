#include "runtime/cgroup/delegation.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "runtime/cgroup/values.h"

namespace podvisor {
namespace {

constexpr std::array<const char*, 4> kControllers = {"memory", "cpu", "pids", "io"};

/// "+memory +cpu": those that are in `from` and, with '+', not yet given; with '-', given.
std::string change(const std::string& from, const std::string& given, char sign) {
  std::string words;
  for (const char* controller : kControllers) {
    if (!has_word(from, controller) || has_word(given, controller) == (sign == '+')) continue;
    if (!words.empty()) words += ' ';
    words += sign;
    words += controller;
  }
  return words;
}

Status change_controllers(const CgroupDirectory& cgroup, char sign) {
  const auto available = cgroup.read("cgroup.controllers");
  if (!available) return tl::unexpected(available.error());
  const auto given = cgroup.read("cgroup.subtree_control");
  if (!given) return tl::unexpected(given.error());
  const std::string words = change(*available, *given, sign);
  if (words.empty()) return {};
  return cgroup.write("cgroup.subtree_control", words);
}

/// The cgroup that `own` was before this process entered its leaf; else `own` itself.
std::string without_leaf(const std::string& own, const std::string& parent) {
  const std::string leaf = "/" + parent + "/" + kSupervisorLeaf;
  return own.ends_with(leaf) ? own.substr(0, own.size() - leaf.size()) : own;
}

/// cgroup v2 gives no memory controller to the children of a cgroup that has processes itself (the
/// "no internal processes" rule; only the real root is exempt). So podvisor moves out of `base`,
/// into a leaf below its own `parent`. Only itself: processes of others are theirs to move.
Status enter_leaf(const std::string& base, const std::string& parent) {
  auto made = CgroupDirectory::make(base + "/" + parent);
  if (!made) return tl::unexpected(made.error());
  const auto leaf = CgroupDirectory::make(made->path() + "/" + kSupervisorLeaf);
  if (!leaf) return tl::unexpected(leaf.error());
  return leaf->write("cgroup.procs", "0");
}

/// Only the real root has no type.
bool is_real_root(const CgroupDirectory& cgroup) {
  return ::faccessat(cgroup.fd(), "cgroup.type", F_OK, 0) != 0;
}

Status delegate_from(const CgroupDirectory& base, const std::string& parent) {
  auto delegated = delegate_controllers(base);
  if (delegated || delegated.error().error_number != EBUSY) return delegated;
  if (auto entered = enter_leaf(base.path(), parent); !entered) return entered;
  return delegate_controllers(base);
}

Status crowded(const CgroupDirectory& own) {
  return make_error("cgroup " + own.path() +
                        " also holds processes other than podvisor, so the kernel gives no memory "
                        "controller to cgroups below it: start podvisor in a cgroup of its own (a "
                        "systemd service with Delegate=yes, or systemd-run --scope -p "
                        "Delegate=yes), or do without with --cgroups=none",
                    EBUSY);
}

/// Back into `base`, which can hold processes again once nothing below it has a controller.
Status leave_leaf(const CgroupDirectory& base, const std::string& parent) {
  const auto made = CgroupDirectory::open(base.path() + "/" + parent);
  if (!made) return tl::unexpected(made.error());
  if (auto withdrawn = withdraw_controllers(*made); !withdrawn) return withdrawn;
  if (auto withdrawn = withdraw_controllers(base); !withdrawn) return withdrawn;
  if (auto moved = base.write("cgroup.procs", "0"); !moved) return moved;
  return remove_cgroup(made->path() + "/" + kSupervisorLeaf);
}

bool has_pods(const std::string& parent_path) {
  const auto parent = CgroupDirectory::open(parent_path);
  if (!parent) return false;
  for (const CgroupDirectory& child : parent->children()) {
    if (!child.path().ends_with(std::string("/") + kSupervisorLeaf)) return true;
  }
  return false;
}

}  // namespace

Status delegate_controllers(const CgroupDirectory& cgroup) {
  return change_controllers(cgroup, '+');
}

Status withdraw_controllers(const CgroupDirectory& cgroup) {
  return change_controllers(cgroup, '-');
}

bool has_other_processes(const CgroupDirectory& cgroup) {
  for (const pid_t pid : cgroup.processes()) {
    if (pid != ::getpid()) return true;
  }
  return false;
}

Result<std::string> prepare_base(const std::string& own, const std::string& top,
                                 const std::string& parent) {
  auto base = CgroupDirectory::open(without_leaf(own, parent));
  if (!base) return tl::unexpected(base.error());
  if (!is_real_root(*base) && has_other_processes(*base)) {
    // A shell's session, mostly. The real root may have processes and children with controllers.
    auto root = CgroupDirectory::open(top);
    if (!root) return tl::unexpected(root.error());
    if (!is_real_root(*root)) return tl::unexpected(crowded(*base).error());
    base = std::move(root);
  }
  if (auto delegated = delegate_from(*base, parent); !delegated)
    return tl::unexpected(delegated.error());
  return base->path();
}

Status release_base(const std::string& own, const std::string& top, const std::string& parent) {
  const std::string base_path = without_leaf(own, parent);
  for (const std::string& path : {base_path, top}) {
    if (has_pods(path + "/" + parent)) continue;
    if (path == base_path && base_path != own) {
      const auto base = CgroupDirectory::open(base_path);
      if (!base) return tl::unexpected(base.error());
      if (auto left = leave_leaf(*base, parent); !left) return left;
    }
    if (auto removed = remove_cgroup(path + "/" + parent); !removed) return removed;
  }
  return {};
}

}  // namespace podvisor
