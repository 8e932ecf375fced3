#include "runtime/file_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podvisor {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

PodSpec shared(bool share) {
  PodSpec spec;
  spec.containers.resize(1);
  spec.share_process_namespace = share;
  return spec;
}

TEST(FileView, WithoutWishesItIsTheHosts) {
  const FileView view = file_view(shared(false), 0);
  EXPECT_FALSE(view.own || view.read_only_root || view.proc);
}

TEST(FileView, SEC7_AProcOfThePodsOwnIsMasked) {
  PodSpec spec = shared(true);
  EXPECT_TRUE(file_view(spec, 0).own && file_view(spec, 0).proc);
  EXPECT_THAT(file_view(spec, 0).masked_paths, Contains("/proc/kcore"));
  EXPECT_THAT(file_view(spec, 0).read_only_paths, Contains("/proc/sys"));
}

TEST(FileView, SEC8_PrivilegedSeesAll) {
  PodSpec spec = shared(true);
  spec.containers[0].security_context.privileged = true;
  EXPECT_THAT(file_view(spec, 0).masked_paths, IsEmpty());
  EXPECT_THAT(file_view(spec, 0).read_only_paths, IsEmpty());
}

TEST(FileView, SEC9_TheRootIsReadOnlyWhenAskedFor) {
  PodSpec spec = shared(false);
  spec.containers[0].security_context.read_only_root_filesystem = true;
  const FileView view = file_view(spec, 0);
  EXPECT_TRUE(view.own && view.read_only_root);
  EXPECT_FALSE(view.proc);
}

}  // namespace
}  // namespace podvisor
