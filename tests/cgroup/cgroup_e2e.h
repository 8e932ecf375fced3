// Real cgroups for tests: a tree of the test's own, and children in it. The same tests run on v1
// and on v2.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "loop/loop.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/hierarchies.h"

namespace podvisor {

inline constexpr std::int64_t kMiB = 1 << 20;

/// Where this process is on this host, now.
Hierarchies current_hierarchies();
bool on_v2();

/// On v2 a test program shares its cgroup with whoever started it. Like a service it needs one of
/// its own; this makes one, moves there, and moves back at the end.
class OwnCgroup {
 public:
  OwnCgroup();
  ~OwnCgroup();
  OwnCgroup(const OwnCgroup&) = delete;
  OwnCgroup& operator=(const OwnCgroup&) = delete;

 private:
  std::string before_;
  std::string made_;
};

/// A process that entered a cgroup by its entry(). Killed and reaped at the end.
class Child {
 public:
  Child(const CgroupEntry& entry, const std::function<int()>& body);
  ~Child();
  Child(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child& operator=(Child&&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Status as of waitpid; waits.
  int wait();

 private:
  pid_t pid_;
};

/// Needs root and cgroups that can be written to.
class CgroupE2e : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  std::unique_ptr<Cgroup> make(const std::string& container, const CgroupLimits& limits);
  /// Directory of a container's cgroup in the hierarchy with that controller.
  std::string path(const std::string& controller, const std::string& container) const;
  /// Runs the loop until `done` holds; false after half a minute.
  bool run_until(Loop& loop, const std::function<bool()>& done);
  /// Kills, waits until it is empty, removes.
  void destroy(Cgroup& cgroup);

  std::string parent_;
  std::unique_ptr<OwnCgroup> own_;
  std::unique_ptr<CgroupTree> tree_;
  Loop loop_;
};

std::string text_of(const std::string& file);
/// Touches that many bytes, then waits to be killed.
int use_memory(std::size_t bytes);
/// Sleeps until killed.
int sleep_forever();

}  // namespace podvisor
