#include "daemon/to_disk.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace podvisor {
namespace {

bool is_open(int descriptor) { return ::fcntl(descriptor, F_GETFD) >= 0; }

Fd directory() { return Fd(::open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }

TEST(ToDisk, HoldsADescriptorAsLongAsItTakes) {
  Loop loop;
  ToDisk to_disk(loop);
  std::vector<int> given;
  for (int i = 0; i < 3; ++i) {
    Fd one = directory();
    given.push_back(one.get());
    to_disk.add(std::move(one));
  }
  loop.run();
  for (const int descriptor : given) EXPECT_FALSE(is_open(descriptor));
}

TEST(ToDisk, HoldsNoMoreThanItMay) {
  Loop loop;
  ToDisk to_disk(loop);
  for (int i = 0; i < 1000; ++i) to_disk.add(directory());  // the loop does not come round
  EXPECT_LT(directory().get(), 600);
}

TEST(ToDisk, EndsWhenAllIsThere) {
  Loop loop;
  int given = -1;
  {
    ToDisk to_disk(loop);
    to_disk.add(directory());
    Fd second = directory();
    given = second.get();
    to_disk.add(std::move(second));
  }
  EXPECT_FALSE(is_open(given));
}

}  // namespace
}  // namespace podvisor
