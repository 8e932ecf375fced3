// Where traffic goes, told to a real program: each run appends its input to a file, and fails as
// long as there is a file that says so.
#include "daemon/change_hook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace podvisor {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class NotedEvents final : public EventSink {
 public:
  void post(const PodUid&, PodEvent event) override {
    if (const auto* noted = std::get_if<pod_event::Noted>(&event))
      texts.push_back(noted->reason + ": " + noted->message);
  }
  std::vector<std::string> texts;
};

class ChangeHookTest : public testing::Test {
 protected:
  ChangeHookTest() : directory_(testing::TempDir() + "hookXXXXXX") {
    if (::mkdtemp(directory_.data()) == nullptr) throw std::runtime_error("mkdtemp");
    const std::string program = directory_ + "/program";
    std::ofstream(program) << "#!/bin/sh\ncat >> " << directory_ << "/told\n"
                           << "test ! -e " << directory_ << "/sick || { echo sick >&2; exit 3; }\n";
    ::chmod(program.c_str(), 0755);
    hook_ = std::make_unique<ChangeHook>(loop_, store_, events_, program);
    pod_.metadata.name = "web";
    pod_.metadata.uid = "u1";
    pod_.spec.containers.resize(1);
    pod_.spec.containers[0].ports = {{.name = "http", .container_port = 80}};
    shared_ = std::make_shared<const Pod>(pod_);
  }
  ~ChangeHookTest() override { std::filesystem::remove_all(directory_); }

  static PodStatus status(bool open) {
    PodStatus made;
    made.pod_ip = "10.88.0.2";
    made.traffic = {.open = open, .draining = false, .sandbox = 0, .back_off_until = {}};
    return made;
  }
  [[nodiscard]] std::vector<json> told() const {
    std::vector<json> documents;
    std::ifstream file(directory_ + "/told");
    for (std::string line; std::getline(file, line);) documents.push_back(json::parse(line));
    return documents;
  }
  [[nodiscard]] std::vector<bool> readies() const {
    std::vector<bool> list;
    for (const json& each : told()) list.push_back(each["ready"]);
    return list;
  }
  bool eventually(const std::function<bool()>& holds) {
    loop_.run_until(holds, 20s);
    return holds();
  }
  void sick(bool yes) const {
    if (yes)
      std::ofstream(directory_ + "/sick") << "x";
    else
      std::filesystem::remove(directory_ + "/sick");
  }

  std::string directory_;
  Loop loop_;
  ObjectStore store_;
  NotedEvents events_;
  Pod pod_;
  std::shared_ptr<const Pod> shared_;
  std::unique_ptr<ChangeHook> hook_;
};

TEST_F(ChangeHookTest, IsToldWhenAPodBeginsAndCeasesToGetTraffic) {
  store_.add_pod(shared_, status(false), WallTime{});
  store_.set_status(*shared_, status(true));
  ASSERT_TRUE(eventually([&] { return told().size() == 1; }));
  EXPECT_EQ(told()[0]["name"], "web");
  EXPECT_EQ(told()[0]["podIP"], "10.88.0.2");
  EXPECT_EQ(told()[0]["ports"][0]["containerPort"], 80);
  store_.set_status(*shared_, status(false));
  ASSERT_TRUE(eventually([&] { return told().size() == 2; }));
  EXPECT_THAT(readies(), ElementsAre(true, false));
}

TEST_F(ChangeHookTest, WhoWaitsGoesOnOnceItHasSucceeded) {
  sick(true);
  store_.add_pod(shared_, status(true), WallTime{});
  bool done = false;
  hook_->tell(pod_, true, [&] { done = true; });
  ASSERT_TRUE(eventually([&] { return !events_.texts.empty(); }));
  EXPECT_FALSE(done);
  EXPECT_THAT(events_.texts[0], HasSubstr("ChangeHookFailed"));
  EXPECT_THAT(events_.texts[0], HasSubstr("ended with 3: sick; it will be tried again"));
  sick(false);
  EXPECT_TRUE(eventually([&] { return done; }));
}

TEST_F(ChangeHookTest, APromiseHoldsBeforeTheStoreSaysSoAndEndsWithThePod) {
  store_.add_pod(shared_, status(false), WallTime{});
  bool done = false;
  hook_->tell(pod_, true, [&] { done = true; });
  ASSERT_TRUE(eventually([&] { return done; }));
  EXPECT_THAT(readies(), ElementsAre(true));
  store_.mark_deleted(*shared_, WallTime{}, Seconds(1));
  ASSERT_TRUE(eventually([&] { return told().size() == 2; }));
  EXPECT_THAT(readies(), ElementsAre(true, false));
}

TEST_F(ChangeHookTest, WhatIsWantedAgainWhileTheProgramRunsIsToldOnce) {
  store_.add_pod(shared_, status(true), WallTime{});
  bool done = false;
  hook_->tell(pod_, true, [&] { done = true; });
  ASSERT_TRUE(eventually([&] { return done; }));
  store_.mark_deleted(*shared_, WallTime{}, Seconds(1));
  ASSERT_TRUE(eventually([&] { return readies().size() > 1; }));
  EXPECT_THAT(readies(), ElementsAre(true, false));
}

TEST_F(ChangeHookTest, NothingIsSaidOfAPodThatNobodyHasHeardOf) {
  bool done = false;
  hook_->tell(pod_, false, [&] { done = true; });
  EXPECT_TRUE(done);
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/told"));
}

}  // namespace
}  // namespace podvisor
