#include "runtime/directories.h"

#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

TEST(RemovePodStateDirectory, WhoeverIsKilledWithinLeavesNoPodThatHasLostItsState) {
  std::string path = fs::temp_directory_path() / "podvisor-test-XXXXXX";
  ASSERT_NE(mkdtemp(path.data()), nullptr);
  const std::string pod = path + "/uid";
  fs::create_directory(pod);
  for (const char* before : {"a", "b", "state.json", "pod.json", "y", "z"})
    for (const char* after : {"", ".set-aside"}) std::ofstream(pod + "/" + before + after) << "{}";
  const Fd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  ASSERT_GE(::inotify_add_watch(watch.get(), pod.c_str(), IN_DELETE), 0);
  remove_pod_state_directory(pod);
  EXPECT_FALSE(fs::exists(pod));
  alignas(inotify_event) std::array<char, 4096> events{};
  ASSERT_GT(::read(watch.get(), events.data(), events.size()), 0);
  EXPECT_STREQ(reinterpret_cast<const inotify_event*>(events.data())->name, "pod.json");
  fs::remove_all(path);
}

TEST(RemovePodStateDirectory, OneThatIsGoneIsNoFault) {
  testing::internal::CaptureStderr();
  remove_pod_state_directory("/nowhere/at/all");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace podvisor
