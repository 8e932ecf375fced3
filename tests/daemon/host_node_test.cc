#include "daemon/host_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemon/label_file.h"

namespace podvisor {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

class HostNodeTest : public testing::Test {
 protected:
  HostNodeTest() {
    std::string folder = testing::TempDir() + "podvisor-node-XXXXXX";
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  ~HostNodeTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] HostNode::Settings settings() const {
    HostNode::Settings settings;
    settings.label_file = file();
    settings.facts.name = "alpha";
    settings.facts.addresses = [] { return std::vector<std::string>{"192.0.2.7", "2001:db8::7"}; };
    return settings;
  }
  [[nodiscard]] HostNode open() const {
    auto node = HostNode::open(settings());
    EXPECT_TRUE(node) << node.error().message;
    return std::move(*node);
  }
  [[nodiscard]] std::string file() const { return folder_ + "/node-labels.json"; }

  std::string folder_;
};

TEST_F(HostNodeTest, OPN_HasTheLabelsThatEveryNodeHas) {
  const HostNode node = open();
  EXPECT_EQ(node.node().name, "alpha");
  EXPECT_EQ(node.node().labels.at("kubernetes.io/hostname"), "alpha");
  EXPECT_EQ(node.node().labels.at("kubernetes.io/os"), "linux");
  EXPECT_FALSE(node.node().labels.at("kubernetes.io/arch").empty());
}

TEST_F(HostNodeTest, OPN_LabelsOutlivePodvisor) {
  {
    HostNode node = open();
    ASSERT_TRUE(node.change_labels({{"disk", "ssd"}, {"zone", "a"}}));
    ASSERT_TRUE(node.change_labels({{"zone", std::nullopt}}));
  }
  const HostNode again = open();
  EXPECT_EQ(again.node().labels.at("disk"), "ssd");
  EXPECT_FALSE(again.node().labels.contains("zone"));
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(HostNodeTest, LabelsThatAreAllTakenAwayLeaveNoFile) {
  HostNode node = open();
  ASSERT_TRUE(node.change_labels({{"disk", "ssd"}}));
  ASSERT_TRUE(node.change_labels({{"disk", std::nullopt}}));
  EXPECT_FALSE(std::filesystem::exists(file()));
  ASSERT_TRUE(node.change_labels({{"kubernetes.io/os", std::nullopt}}));
  EXPECT_FALSE(open().node().labels.contains("kubernetes.io/os"));
}

TEST_F(HostNodeTest, WhatWasSetByHandWinsOverFlagsAlsoWhenItWasTakenAway) {
  HostNode::Settings flags = settings();
  flags.labels = {{"disk", "hdd"}, {"zone", "a"}};
  auto node = HostNode::open(flags);
  ASSERT_TRUE(node);
  EXPECT_EQ(node->node().labels.at("disk"), "hdd");
  ASSERT_TRUE(node->change_labels({{"disk", "ssd"}, {"zone", std::nullopt}}));
  const auto again = HostNode::open(flags);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->node().labels.at("disk"), "ssd");
  EXPECT_FALSE(again->node().labels.contains("zone"));
}

TEST_F(HostNodeTest, TellsWhoeverWaitsForALabel) {
  HostNode node = open();
  std::string told;
  node.on_change([&](const Node& now) { told = now.labels.at("disk"); });
  ASSERT_TRUE(node.change_labels({{"disk", "ssd"}}));
  EXPECT_EQ(told, "ssd");
}

TEST_F(HostNodeTest, RefusesWhatIsNoLabelAndChangesNothingThen) {
  HostNode node = open();
  const auto refused = node.change_labels({{"disk", "ssd"}, {"a b", "c"}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("label key \"a b\""));
  EXPECT_FALSE(node.node().labels.contains("disk"));
  EXPECT_FALSE(std::filesystem::exists(file()));
  EXPECT_FALSE(node.change_labels({{"disk", "not a value"}}));
}

TEST_F(HostNodeTest, ABrokenFileIsNamed) {
  std::ofstream(file()) << "[]";
  const auto node = HostNode::open(settings());
  ASSERT_FALSE(node);
  EXPECT_THAT(node.error().message, HasSubstr(file()));
}

TEST_F(HostNodeTest, WhatAnInterruptedWriteLeftIsNotInTheWay) {
  std::ofstream(file() + ".new") << "{\"half";
  HostNode node = open();
  ASSERT_TRUE(node.change_labels({{"disk", "ssd"}}));
  EXPECT_THAT(*read_label_file(file()),
              UnorderedElementsAre(Pair("disk", std::optional<std::string>("ssd"))));
  EXPECT_FALSE(std::filesystem::exists(file() + ".new"));
}

TEST_F(HostNodeTest, DWN6_ItsAddressIsTheConfiguredOrTheHostsFirst) {
  EXPECT_EQ(open().address(), "192.0.2.7");
  HostNode::Settings configured = settings();
  configured.address = "198.51.100.1";
  EXPECT_EQ(HostNode::open(configured)->address(), "198.51.100.1");
}

}  // namespace
}  // namespace podvisor
