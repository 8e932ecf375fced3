// Where cgroup v2 lets podvisor make its cgroups.
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "cgroup/cgroup_e2e.h"

namespace podvisor {
namespace {

class CgroupV2Placement : public CgroupE2e {
 protected:
  void SetUp() override {
    if (!on_v2()) GTEST_SKIP() << "cgroup v1 has no rule about internal processes";
    CgroupE2e::SetUp();
  }
  static std::string own() { return current_hierarchies().unified.value().own; }
};

TEST_F(CgroupV2Placement, PodvisorMovesItselfOutOfTheWayAndBack) {
  const std::string leaf = "/" + parent_ + "/supervisor";
  ASSERT_TRUE(own().ends_with(leaf)) << own();
  const std::string base = own().substr(0, own().size() - leaf.size());
  EXPECT_TRUE(open_cgroup_tree(parent_));  // again, from within the leaf
  EXPECT_TRUE(own().ends_with(leaf)) << own();
  ASSERT_TRUE(remove_cgroup_tree(parent_));
  EXPECT_EQ(own(), base);
  EXPECT_FALSE(std::filesystem::exists(base + "/" + parent_));
  EXPECT_TRUE(open_cgroup_tree(parent_));  // and once more, for the fixture to take away
}

TEST_F(CgroupV2Placement, ACgroupThatOthersAreInIsLeftAloneForTheRoot) {
  ASSERT_TRUE(remove_cgroup_tree(parent_));
  const std::string before = own();
  const std::string root = current_hierarchies().unified.value().mount;
  {
    const Child other({}, sleep_forever);  // shares this process's cgroup
    auto tree = open_cgroup_tree(parent_);
    ASSERT_TRUE(tree) << tree.error().message;
    EXPECT_EQ(own(), before);
    EXPECT_TRUE(std::filesystem::exists(root + "/" + parent_));
    auto made = (*tree)->make("u1", "web", {.memory_max = 1 << 20});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE((*made)->remove());
    EXPECT_TRUE((*tree)->remove_pod("u1"));
    EXPECT_TRUE(remove_cgroup_tree(parent_));
    EXPECT_FALSE(std::filesystem::exists(root + "/" + parent_));
  }
}

TEST_F(CgroupV2Placement, WhereThereMayBeNoMoreOfThemTheErrorSaysWhy) {
  const auto parent = std::filesystem::path(path("memory", "web")).parent_path().parent_path();
  std::ofstream(parent / "cgroup.max.descendants") << 2;  // the supervisor's is one
  const auto refused = tree_->make("u1", "web", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error_number, EAGAIN);
  EXPECT_NE(refused.error().message.find("cgroup.max.descendants"), std::string::npos);
  std::ofstream(parent / "cgroup.max.descendants") << "max";
  destroy(*make("web", {}));
}

}  // namespace
}  // namespace podvisor
