#include "network/nft.h"

#include <gmock/gmock.h>

namespace podvisor {
namespace {

using ::testing::HasSubstr;

TEST(MasqueradeRules, ReplaceTheTableOfTheirBridgeInOneTransaction) {
  EXPECT_EQ(masquerade_rules("podvisor0", *parse_pod_cidr("10.88.0.0/16")),
            "add table ip podvisor-podvisor0\n"
            "delete table ip podvisor-podvisor0\n"
            "table ip podvisor-podvisor0 {\n"
            "  chain postrouting {\n"
            "    type nat hook postrouting priority srcnat; policy accept;\n"
            "    ip saddr 10.88.0.0/16 oifname != \"podvisor0\" masquerade\n"
            "  }\n"
            "}\n");
}

TEST(MasqueradeRules, RemovalIsNoErrorWhereThereIsNoTable) {
  EXPECT_EQ(masquerade_removal("br1"),
            "add table ip podvisor-br1\n"
            "delete table ip podvisor-br1\n");
}

TEST(FindNft, SaysWhatToInstall) {
  EXPECT_THAT(find_nft("/nowhere/nft").error().message, HasSubstr("install nftables"));
  EXPECT_FALSE(find_nft("no-such-program-anywhere"));
}

TEST(FindNft, LooksIntoPathForABareName) {
  EXPECT_TRUE(find_nft("sh"));
  EXPECT_TRUE(find_nft("/bin/sh"));
}

TEST(RunNft, TellsWhatTheProgramSaid) {
  // cat refuses -f and says so; any program that fails will do.
  const auto refused = run_nft("cat", "");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("invalid option"));
}

TEST(RunNft, SaysWhyTheProgramCannotRun) {
  EXPECT_THAT(run_nft("/nowhere/nft", "").error().message, HasSubstr("No such file"));
}

}  // namespace
}  // namespace podvisor
