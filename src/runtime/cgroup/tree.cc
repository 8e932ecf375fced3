// The choice between cgroup v1 and v2.
#include <fcntl.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/cgroup_v1.h"
#include "runtime/cgroup/cgroup_v2.h"
#include "runtime/cgroup/delegation.h"
#include "runtime/cgroup/directory.h"
#include "runtime/cgroup/hierarchies.h"

namespace podvisor {
namespace {

bool is_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
}

Status check_name(const char* what, const std::string& name) {
  if (is_name(name)) return {};
  return make_error(std::string(what) + " \"" + name + "\" cannot name a cgroup: no '/' in it");
}

/// Refuses names that would lead out of the tree, whichever the hierarchy.
class CheckedTree : public CgroupTree {
 public:
  /// `others`: where PARENT would be in hierarchies that the tree does not use.
  CheckedTree(std::unique_ptr<CgroupTree> tree, std::vector<std::string> others)
      : tree_(std::move(tree)), others_(std::move(others)) {}

  Result<std::unique_ptr<Cgroup>> make(const PodUid& pod, const std::string& container,
                                       const CgroupLimits& limits) override {
    if (auto good = check_name("pod UID", pod); !good) return tl::unexpected(good.error());
    if (auto good = check_name("container", container); !good) return tl::unexpected(good.error());
    return tree_->make(pod, container, limits);
  }

  Status remove_pod(const PodUid& pod) override {
    if (auto good = check_name("pod UID", pod); !good) return good;
    Status removed = tree_->remove_pod(pod);
    for (const std::string& other : others_)
      if (Status also = remove_cgroups_from(other + "/pod" + pod); !also && removed) removed = also;
    return removed;
  }

  [[nodiscard]] Result<std::unique_ptr<Cgroup>> open(const PodUid& pod,
                                                     const std::string& container) const override {
    if (auto good = check_name("pod UID", pod); !good) return tl::unexpected(good.error());
    if (auto good = check_name("container", container); !good) return tl::unexpected(good.error());
    return tree_->open(pod, container);
  }

  [[nodiscard]] std::vector<PodUid> pods() const override { return tree_->pods(); }

  [[nodiscard]] Status clear_pod(const PodUid& pod) const override {
    if (auto good = check_name("pod UID", pod); !good) return good;
    Status cleared = tree_->clear_pod(pod);
    for (const std::string& other : others_)
      if (Status also = remove_cgroups_from(other + "/pod" + pod); !also && cleared) cleared = also;
    return cleared;
  }

  [[nodiscard]] std::string runtime_path(const PodUid& pod,
                                         const std::string& container) const override {
    return tree_->runtime_path(pod, container);
  }

  /// v2 has no tasks, nor, beside v1, anything that would confine who is in it.
  [[nodiscard]] std::vector<Fd> runtime_tasks(const PodUid& pod,
                                              const std::string& container) const override {
    std::vector<Fd> tasks;
    for (const std::string& other : others_) {
      const std::string path = other + "/pod" + pod + "/" + container + "/tasks";
      Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
      if (file) tasks.push_back(std::move(file));
    }
    return tasks;
  }

 private:
  std::unique_ptr<CgroupTree> tree_;
  std::vector<std::string> others_;
};

Result<std::string> own_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return make_error("cannot read " + path + ": is /proc mounted?");
  return text.str();
}

/// Where memory is v1's, v2 has nothing to limit with: a hybrid host counts as v1.
struct Place {
  std::vector<Hierarchy> v1;
  Hierarchy v2;
  std::vector<Hierarchy> others;  ///< beside v1
};

std::vector<std::string> parents_elsewhere(const Place& place, const std::string& parent) {
  std::vector<std::string> paths;
  for (const Hierarchy& other : place.others) paths.push_back(other.own + "/" + parent);
  return paths;
}

/// Below the top of each hierarchy, wherever this process is.
void go_to_top(Hierarchies& found) {
  for (std::vector<Hierarchy>* hierarchies : {&found.v1, &found.others})
    for (Hierarchy& hierarchy : *hierarchies) hierarchy.own = hierarchy.mount;
  if (found.unified) found.unified->own = found.unified->mount;
}

Result<Place> find_place(const std::string& root, bool at_top) {
  const auto mounts = own_text("/proc/self/mountinfo");
  if (!mounts) return tl::unexpected(mounts.error());
  const auto self = own_text("/proc/self/cgroup");
  if (!self) return tl::unexpected(self.error());
  Hierarchies found = find_hierarchies(*mounts, *self, root);
  if (at_top) go_to_top(found);
  if (find_controller(found.v1, "memory") != nullptr) {
    if (found.unified) found.others.push_back(*found.unified);
    return Place{std::move(found.v1), {}, std::move(found.others)};
  }
  if (found.unified) return Place{{}, *found.unified, {}};
  return make_error("no cgroup hierarchy with this process in it is mounted at " + root +
                    ": mount cgroup2 there, or do without with --cgroups=none");
}

Result<std::unique_ptr<CgroupTree>> open_place(const Place& place, const std::string& parent) {
  if (!place.v1.empty()) return open_cgroup_tree_v1(place.v1, parent);
  const auto base = prepare_base(place.v2.own, place.v2.mount, parent);
  if (!base) return tl::unexpected(base.error());
  return open_cgroup_tree_v2(place.v2.mount, *base, parent);
}

/// "podvisor" is below this process's cgroup, "/podvisor" below the top.
struct Parent {
  bool at_top;
  std::string name;
};

Result<Parent> parse_parent(const std::string& text) {
  const bool at_top = text.starts_with('/');
  Parent parent{at_top, at_top ? text.substr(1) : text};
  if (auto good = check_name("cgroup parent", parent.name); !good)
    return tl::unexpected(good.error());
  return parent;
}

}  // namespace

Result<std::unique_ptr<CgroupTree>> open_cgroup_tree(const std::string& cgroup_parent,
                                                     const std::string& root) {
  const auto parsed = parse_parent(cgroup_parent);
  if (!parsed) return tl::unexpected(parsed.error());
  const std::string& parent = parsed->name;
  const auto place = find_place(root, parsed->at_top);
  if (!place) return tl::unexpected(place.error());
  auto tree = open_place(*place, parent);
  if (!tree) return tree;
  return std::make_unique<CheckedTree>(std::move(*tree), parents_elsewhere(*place, parent));
}

Status remove_cgroup_tree(const std::string& cgroup_parent, const std::string& root) {
  const auto parsed = parse_parent(cgroup_parent);
  if (!parsed) return tl::unexpected(parsed.error());
  const std::string& parent = parsed->name;
  const auto place = find_place(root, parsed->at_top);
  if (!place) return tl::unexpected(place.error());
  if (place->v1.empty()) return release_base(place->v2.own, place->v2.mount, parent);
  std::vector<std::string> parents = parents_elsewhere(*place, parent);
  for (const Hierarchy& hierarchy : place->v1) parents.push_back(hierarchy.own + "/" + parent);
  for (const std::string& path : parents) {
    const auto removed = remove_cgroup(path);
    if (!removed && removed.error().error_number != EBUSY) return removed;  // EBUSY: a pod is left
  }
  return {};
}

}  // namespace podvisor
