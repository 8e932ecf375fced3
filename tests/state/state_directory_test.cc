// The journal on a real file system.
#include "state/state_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace podvisor {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class StillClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override {
    return {TimePoint{1000s}, WallTime{1'700'000'000s}};
  }
};

class StateDirectoryTest : public testing::Test {
 protected:
  StateDirectoryTest() {
    std::string pattern = testing::TempDir() + "podvisor-state-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    open();
    pod_.metadata.uid = "ab-12";
    pod_.document = R"({"kind":"Pod"})";
  }
  ~StateDirectoryTest() override { fs::remove_all(directory_); }

  void open() {
    auto opened = StateDirectory::open(directory_, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = std::move(*opened);
  }
  std::string path(const std::string& name) { return directory_ + "/" + name; }
  void put(const std::string& name, const std::string& text) { std::ofstream(path(name)) << text; }
  ino_t inode(const std::string& name) {
    struct stat about {};
    EXPECT_EQ(::stat(path(name).c_str(), &about), 0) << name;
    return about.st_ino;
  }

  StillClock clock_;
  std::string directory_;
  std::unique_ptr<StateDirectory> journal_;
  Pod pod_;
  PodState state_;
};

TEST_F(StateDirectoryTest, APodIsReadAsItWasWritten) {
  state_.pod_ip = "10.0.0.9";
  PodRecord record;
  record.beside = true;
  journal_->write_pod(pod_, record, state_);
  open();
  const Kept kept = journal_->read();
  ASSERT_EQ(kept.pods.size(), 1u);
  EXPECT_EQ(kept.pods[0].file.uid, "ab-12");
  EXPECT_EQ(kept.pods[0].file.document, pod_.document);
  ASSERT_TRUE(kept.pods[0].now);
  EXPECT_EQ(kept.pods[0].now->state.pod_ip, "10.0.0.9");
  EXPECT_TRUE(kept.pods[0].now->facts.beside);
  EXPECT_TRUE(kept.troubles.empty());
}

TEST_F(StateDirectoryTest, OnlyItsOwnerMayReadIt) {
  journal_->write_pod(pod_, {}, state_);
  for (const char* name : {"pods/ab-12/pod.json", "pods/ab-12/state.json"}) {
    struct stat about {};
    ASSERT_EQ(::stat(path(name).c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U) << name;
  }
}

TEST_F(StateDirectoryTest, TheSameIsNotWrittenTwice) {
  journal_->write_pod(pod_, {}, state_);
  const ino_t first = inode("pods/ab-12/state.json");
  journal_->write_pod(pod_, {}, state_);
  EXPECT_EQ(inode("pods/ab-12/state.json"), first);
  state_.initialized = true;
  journal_->write_pod(pod_, {}, state_);
  EXPECT_NE(inode("pods/ab-12/state.json"), first);
}

TEST_F(StateDirectoryTest, WhateverItsLengthTheLastStateIsRead) {
  std::set<ino_t> inodes;
  for (const std::size_t length : {200u, 5u, 90'000u, 0u, 200u}) {
    state_.pod_ip = std::string(length, '9');
    journal_->write_pod(pod_, {}, state_);
    inodes.insert(inode("pods/ab-12/state.json"));
    const Kept kept = journal_->read();
    ASSERT_EQ(kept.pods.size(), 1u);
    ASSERT_TRUE(kept.pods[0].now) << kept.troubles.at(0).message;
    EXPECT_EQ(kept.pods[0].now->state.pod_ip, state_.pod_ip);
  }
  EXPECT_EQ(inodes.size(), 2u) << "it changes places with one other file";
}

TEST_F(StateDirectoryTest, OfAPodThatHasEndedTheStateIsSyncedToo) {
  int synced = 0;
  journal_->sync_by([&](const Fd&) {
    ++synced;
    return Status();
  });
  journal_->write_pod(pod_, {}, state_);
  const int wanted = std::exchange(synced, 0);
  state_.initialized = true;
  journal_->write_pod(pod_, {}, state_);
  EXPECT_EQ(synced, 0);
  EXPECT_GT(wanted, 0);
  state_.stage = PodState::Stage::Ended;
  journal_->write_pod(pod_, {}, state_);
  EXPECT_EQ(synced, 2) << "the file and its directory";
}

TEST_F(StateDirectoryTest, ABrokenStateIsSetAsideAndCostsTheStateAlone) {
  for (const char* text : {"", "{", "{\"schema\":9}", "null", "{\"schema\":1,\"stamp\":[]}"}) {
    journal_->write_pod(pod_, {}, state_);
    put("pods/ab-12/state.json", text);
    open();
    const Kept kept = journal_->read();
    ASSERT_EQ(kept.pods.size(), 1u) << text;
    EXPECT_EQ(kept.pods[0].file.document, pod_.document);
    EXPECT_FALSE(kept.pods[0].now) << text;
    ASSERT_EQ(kept.troubles.size(), 1u) << text;
    EXPECT_EQ(kept.troubles[0].pod, "ab-12");
    EXPECT_NE(kept.troubles[0].message.find("set aside as state.json.set-aside"), std::string::npos)
        << kept.troubles[0].message;
    EXPECT_TRUE(fs::exists(path("pods/ab-12/state.json.set-aside")));
    EXPECT_FALSE(fs::exists(path("pods/ab-12/state.json")));
    EXPECT_TRUE(journal_->read().troubles.empty()) << "it is said once";
  }
}

TEST_F(StateDirectoryTest, APodWhoseFileIsBrokenIsStillNamed) {
  journal_->write_pod(pod_, {}, state_);
  put("pods/ab-12/pod.json", "rubbish");
  open();
  const Kept kept = journal_->read();
  ASSERT_EQ(kept.pods.size(), 1u);
  EXPECT_EQ(kept.pods[0].file.uid, "ab-12");
  EXPECT_EQ(kept.pods[0].file.document, "");
  EXPECT_TRUE(kept.pods[0].now);
}

TEST_F(StateDirectoryTest, AFileOfAnotherPodIsNoFileOfThisOne) {
  journal_->write_pod(pod_, {}, state_);
  fs::rename(path("pods/ab-12"), path("pods/cd-34"));
  open();
  EXPECT_EQ(journal_->read().troubles.size(), 1u);
}

TEST_F(StateDirectoryTest, WhatIsNoRegularFileIsNotRead) {
  journal_->write_pod(pod_, {}, state_);
  fs::remove(path("pods/ab-12/state.json"));
  ASSERT_EQ(::mkfifo(path("pods/ab-12/state.json").c_str(), 0600), 0);
  open();
  const Kept kept = journal_->read();  // and does not wait for a writer
  ASSERT_EQ(kept.pods.size(), 1u);
  EXPECT_FALSE(kept.pods[0].now);
}

TEST_F(StateDirectoryTest, DirectoriesThatAreNobodysAreLeftAlone) {
  fs::create_directories(path("pods/ef-56/volumes"));
  fs::create_directories(path("pods/not a pod"));
  const Kept kept = journal_->read();
  EXPECT_TRUE(kept.pods.empty());
  EXPECT_TRUE(kept.troubles.empty());
  EXPECT_TRUE(fs::exists(path("pods/ef-56/volumes")));
}

TEST_F(StateDirectoryTest, AWriteThatWasCutShortIsInNobodysWay) {
  fs::create_directories(path("pods/ab-12"));
  put("pods/ab-12/.new", "half of a po");
  put("pods/ab-12/.spare", std::string(10'000, 'x'));
  state_.pod_ip = "10.0.0.3";
  journal_->write_pod(pod_, {}, state_);
  EXPECT_EQ(journal_->read().pods[0].now->state.pod_ip, "10.0.0.3");
  EXPECT_FALSE(fs::exists(path("pods/ab-12/.new")));
}

TEST_F(StateDirectoryTest, WhatAKillHasCutShortDoesNotOutliveTheLastPod) {
  for (const char* name : {"rollouts/shop", "rollouts/empty"}) fs::create_directories(path(name));
  for (const char* name : {"objects/.new", "sources/.new", "rollouts/shop/.new"})
    put(name, "half of a");
  static_cast<void>(journal_->read());
  StateDirectory::remove_empty(directory_);
  EXPECT_TRUE(fs::is_empty(directory_));
}

TEST_F(StateDirectoryTest, RolloutsComeAndGo) {
  RolloutRecord record;
  record.namespace_ = "shop";
  record.name = "web";
  record.new_pod = "ab-12";
  journal_->write_rollout(record);
  open();
  ASSERT_EQ(journal_->read().rollouts.size(), 1u);
  EXPECT_EQ(journal_->read().rollouts[0].new_pod, "ab-12");
  journal_->forget_rollout("shop", "web");
  EXPECT_TRUE(journal_->read().rollouts.empty());
  EXPECT_FALSE(fs::exists(path("rollouts/shop")));
}

TEST_F(StateDirectoryTest, ObjectsAndTheSourceComeAndGo) {
  journal_->write_object({"aa-1", WallTime{5s}, "{}", {30080}});
  const SourceRecord source = {"/etc/pods", "web.yaml", {"{}"}};
  journal_->write_source(source);
  open();
  Kept kept = journal_->read();
  ASSERT_EQ(kept.objects.size(), 1u);
  EXPECT_EQ(kept.objects[0].node_ports, std::vector<std::uint16_t>{30080});
  EXPECT_EQ(kept.sources, std::vector{source});
  journal_->forget_object("aa-1");
  journal_->forget_source("web.yaml");
  kept = journal_->read();
  EXPECT_TRUE(kept.objects.empty());
  EXPECT_TRUE(kept.sources.empty());
}

/// While this lives, nothing can be written about the pod.
struct InTheWay {
  explicit InTheWay(std::string pod) : place(std::move(pod)) {
    fs::rename(place, place + ".away");
    std::ofstream(place) << "in the way";
  }
  ~InTheWay() {
    fs::remove(place);
    fs::rename(place + ".away", place);
  }
  std::string place;
};

TEST_F(StateDirectoryTest, WhatCouldNotBeWrittenIsWrittenWhenItCanBe) {
  int failures = 0;
  journal_->on_failure([&](const Error&) { ++failures; });
  journal_->write_pod(pod_, {}, state_);
  state_.pod_ip = "10.0.0.4";
  {
    const InTheWay full(path("pods/ab-12"));
    journal_->write_pod(pod_, {}, state_);
    EXPECT_FALSE(journal_->retry());
    EXPECT_EQ(failures, 2);
  }
  EXPECT_TRUE(journal_->retry());
  EXPECT_EQ(journal_->read().pods[0].now->state.pod_ip, "10.0.0.4");
  EXPECT_EQ(failures, 2);
}

TEST_F(StateDirectoryTest, WhatIsNotSoAnyMoreIsNotWrittenLater) {
  state_.pod_ip = "10.0.0.3";
  journal_->write_pod(pod_, {}, state_);
  {
    const InTheWay full(path("pods/ab-12"));
    state_.pod_ip = "10.0.0.4";
    journal_->write_pod(pod_, {}, state_);
    state_.pod_ip = "10.0.0.3";
    journal_->write_pod(pod_, {}, state_);  // as it is written
  }
  EXPECT_TRUE(journal_->retry());
  EXPECT_EQ(journal_->read().pods[0].now->state.pod_ip, "10.0.0.3");
}

TEST_F(StateDirectoryTest, WhatIsWantedIsGivenToWhoeverSyncsFileBeforeDirectory) {
  std::vector<ino_t> given;
  journal_->sync_by([&](const Fd& written) {
    struct stat about {};
    EXPECT_EQ(::fstat(written.get(), &about), 0);
    given.push_back(about.st_ino);
    return Status();
  });
  journal_->write_pod(pod_, {}, state_);
  EXPECT_THAT(given, ElementsAre(inode("pods/ab-12/pod.json"), inode("pods/ab-12"), inode("pods")));
  given.clear();
  state_.stage = PodState::Stage::Up;
  journal_->write_pod(pod_, {}, state_);
  EXPECT_THAT(given, IsEmpty()) << "what runs";
}

TEST_F(StateDirectoryTest, WhatCannotBeSyncedIsNotWritten) {
  std::vector<std::string> failures;
  journal_->on_failure([&](const Error& error) { failures.push_back(error.message); });
  bool works = false;
  journal_->sync_by([&](const Fd&) { return works ? Status() : Status(make_error("EIO")); });
  journal_->write_pod(pod_, {}, state_);
  EXPECT_THAT(failures, ElementsAre("EIO"));
  EXPECT_FALSE(journal_->retry());
  works = true;
  EXPECT_TRUE(journal_->retry());
}

}  // namespace
}  // namespace podvisor
