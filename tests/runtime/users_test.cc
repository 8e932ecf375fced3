#include "runtime/users.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace podvisor {
namespace {

class Users : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(mkdtemp(etc_.data()), nullptr);
    std::ofstream(etc_ + "/passwd") << "root:x:0:0::/root:/bin/sh\nbroken line\n"
                                       "web:x:33:44:Web:/srv/www:/bin/false\n";
    std::ofstream(etc_ + "/group") << "logs:x:4:other,web\nvideo:x:5:webby\ndata:x:6:web\n";
  }
  void TearDown() override { std::filesystem::remove_all(etc_); }

  std::string etc_ = "/tmp/podvisor-test-XXXXXX";
};

TEST_F(Users, SEC4_AUserHasTheGroupsThatNameIt) {
  const auto user = find_user(33, etc_);
  ASSERT_TRUE(user.has_value());
  EXPECT_EQ(user->name, "web");
  EXPECT_EQ(user->home, "/srv/www");
  EXPECT_EQ(user->gid, 44U);
  EXPECT_EQ(user->groups, (std::vector<gid_t>{4, 6}));
}

TEST_F(Users, UnknownOnesAreNotInvented) {
  EXPECT_FALSE(find_user(12345, etc_).has_value());
  EXPECT_FALSE(find_user(0, etc_ + "/missing").has_value());
}

}  // namespace
}  // namespace podvisor
