#include "daemon/room.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace podvisor {
namespace {

class Uses final : public UsageReader {
 public:
  std::optional<ContainerUsage> container_usage(const PodUid&, ContainerIndex container) override {
    ContainerUsage usage;
    usage.memory_working_set = container == 2 ? 30 : 10;
    return usage;
  }
  std::vector<InterfaceUsage> network_usage(const PodUid&) override { return {}; }
};

Pod three_containers() {
  Pod pod;
  pod.spec.containers.resize(3);
  pod.spec.containers[0].role = ContainerRole::Init;
  pod.spec.containers[0].resources.memory_limit = 1000;
  pod.spec.containers[1].resources.memory_limit = 200;
  return pod;
}

TEST(Room, DIF2_5_ALimitCountsAndWithoutOneTheUse) {
  Uses uses;
  EXPECT_EQ(memory_for_another(three_containers(), &uses), 230);
  EXPECT_EQ(memory_for_another(three_containers(), nullptr), 200);
}

TEST(Room, DIF2_5_WhatIsNotAvailableIsSaidInMebibytes) {
  EXPECT_EQ(no_room(100, 100), "");
  EXPECT_EQ(no_room(100, std::nullopt), "");
  EXPECT_EQ(no_room(512 << 20, 100 << 20),
            "no memory for a second pod: it may take 512 MiB, and the host has 100 MiB available");
}

TEST(Room, MemAvailableIsReadFromMeminfo) {
  const std::string path = testing::TempDir() + "/meminfo";
  std::ofstream(path) << "MemTotal:  900 kB\nMemFree: 5 kB\nMemAvailable:     42 kB\n";
  EXPECT_EQ(available_memory(path), 42 * 1024);
  std::remove(path.c_str());
  EXPECT_EQ(available_memory(path), std::nullopt);
  EXPECT_GT(available_memory().value_or(0), 0);
}

}  // namespace
}  // namespace podvisor
