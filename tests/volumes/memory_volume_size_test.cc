#include <gtest/gtest.h>

#include "runtime/volumes/empty_dir.h"

namespace podvisor {
namespace {

constexpr std::int64_t kNode = 1000;

Container with_limit(std::optional<std::int64_t> memory,
                     ContainerRole role = ContainerRole::Regular) {
  Container container;
  container.role = role;
  container.resources.memory_limit = memory;
  return container;
}

std::int64_t size(std::optional<std::int64_t> size_limit, std::vector<Container> containers) {
  PodSpec spec;
  spec.containers = std::move(containers);
  return memory_volume_size({true, size_limit}, spec, kNode);
}

TEST(MemoryVolumeSize, VOL2_IsTheSmallestOfItsThreeLimits) {
  EXPECT_EQ(size({}, {with_limit({})}), kNode);
  EXPECT_EQ(size(300, {with_limit({})}), 300);
  EXPECT_EQ(size(300, {with_limit(200)}), 200);
  EXPECT_EQ(size(100, {with_limit(200)}), 100);
  EXPECT_EQ(size(5000, {with_limit(7000)}), kNode);
}

TEST(MemoryVolumeSize, VOL2_ZeroMeansNoLimit) {
  EXPECT_EQ(size(0, {with_limit({})}), kNode);
  EXPECT_EQ(size(0, {with_limit(0)}), kNode);
}

TEST(MemoryVolumeSize, VOL2_ThePodHasALimitOnlyIfEveryContainerHas) {
  EXPECT_EQ(size({}, {with_limit(100), with_limit(200)}), 300);
  EXPECT_EQ(size({}, {with_limit(100), with_limit({})}), kNode);
}

TEST(MemoryVolumeSize, VOL2_InitContainersCountOneByOneBesideTheSidecarsBeforeThem) {
  EXPECT_EQ(size({}, {with_limit(100, ContainerRole::Sidecar), with_limit(500, ContainerRole::Init),
                      with_limit(50)}),
            600);
  EXPECT_EQ(size({}, {with_limit(500, ContainerRole::Init), with_limit(100, ContainerRole::Sidecar),
                      with_limit(50)}),
            500);
  EXPECT_EQ(size({}, {with_limit(10, ContainerRole::Init), with_limit(100, ContainerRole::Sidecar),
                      with_limit(50)}),
            150);
}

}  // namespace
}  // namespace podvisor
