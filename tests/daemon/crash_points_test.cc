// podvisor is killed before its n-th effect on the world, for every n: starts, signals, removals
// and writes of its journal alike. The next one finds what is written and what runs, and everything
// ends as if nothing had happened, with nothing made twice.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>

#include "daemon/supervisor.h"
#include "supervisor_fixture.h"

namespace podvisor {
namespace {

/// What outlives podvisor: processes, and files.
struct World {
  struct Sandbox {
    int attempt = 0;
    std::set<std::pair<ContainerIndex, int>> running;
    std::map<std::pair<ContainerIndex, int>, int> exits;  ///< not acknowledged: the exit code
  };
  struct PodFile {
    Pod pod;
    PodRecord record;
    PodState state;
  };
  std::map<PodUid, Sandbox> sandboxes;
  std::map<PodUid, PodFile> pods;
  std::map<std::pair<std::string, std::string>, RolloutRecord> rollouts;
  int effects = 0;
  int dies_before = -1;  ///< that effect; -1: never
  int starts = 0;
  PodUid sick;  ///< another is to take its place; its readiness probes fail
  bool config_is_new = false;

  /// Whether there is somebody to have another effect.
  bool acts() { return dies_before < 0 || effects++ < dies_before; }
};

class WorldJournal final : public Journal {
 public:
  explicit WorldJournal(World& world) : world_(world) {}
  void write_pod(const Pod& pod, const PodRecord& record, const PodState& state) override {
    if (world_.acts()) world_.pods[pod.metadata.uid] = {pod, record, state};
  }
  void forget_pod(const PodUid&) override {}
  void write_rollout(const RolloutRecord& record) override {
    if (world_.acts()) world_.rollouts[{record.namespace_, record.name}] = record;
  }
  void forget_rollout(const std::string& namespace_, const std::string& name) override {
    if (world_.rollouts.contains({namespace_, name}) && world_.acts())
      world_.rollouts.erase({namespace_, name});
  }
  void write_object(const ObjectRecord&) override {}
  void forget_object(const PodUid&) override {}
  void write_source(const SourceRecord&) override {}
  void forget_source(const std::string&) override {}

 private:
  World& world_;
};

/// A document says which pod it is: "pair" has a sidecar, which is asked whether it is ready.
Pod pod_of(const std::string& document) {
  Pod pod = one_container("web", document);
  pod.spec.containers[0].env_from.push_back({.prefix = "", .name = "settings"});
  if (document != "pair") return pod;
  pod.spec.containers.resize(2);
  pod.spec.containers[1].name = "side";
  pod.spec.containers[1].readiness_probe = Probe{.failure_threshold = 1};
  return pod;
}

/// The exit code of who was OOM-killed.
constexpr int kOom = 137;

pod_event::ContainerExited exited(ContainerRef ref, int code) {
  return {ref, code, 0, code == kOom, ""};
}

/// One life of podvisor in it.
class Life {
 public:
  explicit Life(World& world)
      : world_(world), journal_(world), supervisor_(loop_, store_, observer_) {
    supervisor_.connect(runtime_, prober_, hooks_);
    connect();
    restore();
    supervisor_.write_to(journal_);
    supervisor_.resume();
    settle();
  }

  /// Exits that pause tells, timers, until nothing moves any more.
  void settle() {
    for (int i = 0; i < 3; ++i) loop_.run_until([] { return false; }, std::chrono::milliseconds(1));
  }
  void exit(const PodUid& uid, ContainerRef ref, int code) {
    const auto found = world_.sandboxes.find(uid);
    if (found == world_.sandboxes.end()) return;
    auto& sandbox = found->second;
    if (sandbox.running.erase({ref.container, ref.instance}) == 0) return;
    sandbox.exits[{ref.container, ref.instance}] = code;
    supervisor_.post(uid, exited(ref, code));
  }
  Supervisor& supervisor() { return supervisor_; }
  ObjectStore& store() { return store_; }

 private:
  void connect() {
    runtime_.on_make_sandbox = [this](const Pod& pod, int attempt) {
      if (!world_.acts()) return;
      const PodUid uid = pod.metadata.uid;
      EXPECT_FALSE(world_.sandboxes.contains(uid)) << "two sandboxes of one pod";
      world_.sandboxes[uid].attempt = attempt;
      supervisor_.post(uid, pod_event::SandboxReady{attempt, "10.0.0.2"});
    };
    runtime_.on_remove_sandbox = [this](const PodUid& pod, int attempt) {
      if (!world_.acts()) return;
      world_.sandboxes.erase(pod);
      supervisor_.post(pod, pod_event::SandboxRemoved{attempt});
    };
    runtime_.on_start = [this](const Pod& pod, ContainerRef ref) {
      if (!world_.acts()) return;
      auto& sandbox = world_.sandboxes.at(pod.metadata.uid);
      for (const auto& [container, instance] : sandbox.running)
        EXPECT_NE(container, ref.container) << "two instances of one container";
      sandbox.running.insert({ref.container, ref.instance});
      ++world_.starts;
      supervisor_.post(pod.metadata.uid, pod_event::ContainerStarted{ref, 42});
    };
    runtime_.on_end = [this](const PodUid& pod, ContainerRef ref) {
      if (world_.acts()) exit(pod, ref, 143);
    };
    runtime_.on_acknowledge = [this](const PodUid& pod, ContainerRef ref) {
      const auto found = world_.sandboxes.find(pod);
      if (found != world_.sandboxes.end() && world_.acts())
        found->second.exits.erase({ref.container, ref.instance});
    };
    runtime_.on_forget = [this](const Pod& pod) {
      if (world_.acts()) world_.pods.erase(pod.metadata.uid);
    };
    prober_.on_attempt = [this](const Pod& pod, const pod_action::StartAttempt& attempt) {
      const PodUid& uid = pod.metadata.uid;
      const Verdict verdict = world_.sick == uid ? Verdict::Failure : Verdict::Success;
      supervisor_.post(uid, pod_event::AttemptCompleted{attempt.ref, attempt.kind,
                                                        attempt.attempt_id, verdict, ""});
    };
    runtime_.on_adopt_sandbox = [this](const Pod& pod, const PodState& state) {
      adopt(pod.metadata.uid, state);
    };
  }

  void adopt(const PodUid& uid, const PodState& state) {
    const auto found = world_.sandboxes.find(uid);
    if (found == world_.sandboxes.end())
      return supervisor_.post(uid, pod_event::SandboxDied{state.sandbox_attempt});
    const World::Sandbox sandbox = found->second;
    EXPECT_EQ(sandbox.attempt, state.sandbox_attempt);
    pod_event::SandboxAdopted adopted{sandbox.attempt, "10.0.0.2", {}};
    for (const auto& [container, instance] : sandbox.running)
      adopted.found.push_back({container, instance});
    for (const auto& [ref, code] : sandbox.exits) adopted.found.push_back({ref.first, ref.second});
    const PodState written = state;
    supervisor_.post(uid, adopted);
    for (const auto& [container, instance] : sandbox.running)
      if (written.containers[container].run == ContainerState::Run::Starting)
        supervisor_.post(uid, pod_event::ContainerStarted{{container, instance}, 42});
    for (const auto& [ref, code] : sandbox.exits)
      supervisor_.post(uid, exited({ref.first, ref.second}, code));
  }

  void restore() {
    for (auto [uid, file] : std::map(world_.pods)) {
      auto pod = std::make_shared<const Pod>(file.pod);
      EXPECT_EQ(flaw_of(*pod, file.state), "");
      if (file.state.forgotten) {
        runtime_.forget_pod(*pod);
        continue;
      }
      const auto name = world_.rollouts.find({"default", pod->metadata.name});
      if (name != world_.rollouts.end()) file.record.beside = holder_of(name->second) != uid;
      supervisor_.restore(pod, file.state, file.record);
    }
    for (const auto& [name, record] : std::map(world_.rollouts))
      supervisor_.rollouts().restore(record, [](const std::string& document) {
        return std::make_shared<const Pod>(pod_of(document));
      });
  }

  World& world_;
  Loop loop_;
  ObjectStore store_;
  CountingObserver observer_;
  FakeRuntime runtime_;
  FakeProber prober_;
  FakeHookRunner hooks_;
  WorldJournal journal_;
  Supervisor supervisor_;
};

/// What somebody wants, one after the other; each may be wanted again without harm.
using Wish = std::function<void(Life&, World&)>;
using Wishes = std::vector<Wish>;

PodUid listed(Life& life) {
  const PodObject* object = life.store().find_pod("default", "web");
  return object == nullptr ? "" : object->pod->metadata.uid;
}

const Wish kApply = [](Life& life, World&) { life.supervisor().apply(pod_of("v1")); };
const Wish kRollOut = [](Life& life, World&) { life.supervisor().apply(pod_of("v2")); };
const Wish kExit = [](Life& life, World&) { life.exit(listed(life), {0, 0}, 3); };
const Wish kDelete = [](Life& life, World&) {
  static_cast<void>(life.supervisor().delete_pod("default", "web", Seconds{1}));
};
const Wish kApplyPair = [](Life& life, World&) { life.supervisor().apply(pod_of("pair")); };
/// The first pod's sidecar is OOM-killed, and no run of it after that gets ready.
const Wish kSurge = [](Life& life, World& world) {
  if (world.sick.empty()) world.sick = listed(life);
  life.exit(world.sick, {1, 0}, kOom);
};

/// What the pod is made of becomes another, which is written down by somebody else.
const Wish kConfig = [](Life& life, World& world) {
  if (world.config_is_new) return;
  world.sick = listed(life);
  life.supervisor().config_changing(ConfigKind::ConfigMap, "default", "settings");
  if (!world.acts()) return;
  world.config_is_new = true;
  life.supervisor().config_changed(ConfigKind::ConfigMap, "default", "settings");
};

struct End {
  std::string document, phase;
  int restarts = 0;
  int sandboxes = 0;
  bool another = false;  ///< than the one that fell sick
  friend bool operator==(const End&, const End&) = default;
};

End end_of(Life& life, World& world) {
  End end;
  end.sandboxes = static_cast<int>(world.sandboxes.size());
  const PodObject* object = life.store().find_pod("default", "web");
  if (object == nullptr) return end;
  end.document = object->pod->document;
  end.another = !world.sick.empty() && object->pod->metadata.uid != world.sick;
  end.phase = to_string(object->status.phase);
  end.restarts = object->status.container_statuses.at(0).restart_count;
  EXPECT_TRUE(is_ready(object->status));
  EXPECT_TRUE(life.store().beside().empty());
  return end;
}

/// One after the other, by one podvisor or, if it is killed, by two.
End live(World& world, const Wishes& wishes) {
  auto life = std::make_unique<Life>(world);
  for (const Wish& wish : wishes) {
    wish(*life, world);
    life->settle();
    if (world.dies_before < 0 || world.effects <= world.dies_before) continue;
    life.reset();
    world.dies_before = -1;
    life = std::make_unique<Life>(world);
    wish(*life, world);
    life->settle();
  }
  return end_of(*life, world);
}

/// Returns what it ends in.
End kill_everywhere(const Wishes& wishes) {
  World calm;
  calm.dies_before = 1'000'000;  // counts
  const End expected = live(calm, wishes);
  EXPECT_GT(calm.effects, 5);
  for (int n = 0; n < calm.effects; ++n) {
    World world;
    world.dies_before = n;
    EXPECT_EQ(live(world, wishes), expected) << "killed before effect " << n;
    if (testing::Test::HasFailure()) break;
  }
  return expected;
}

void PrintTo(const End& end, std::ostream* out) {
  *out << end.document << ' ' << end.phase << " restarts=" << end.restarts
       << " sandboxes=" << end.sandboxes;
}

TEST(CrashPoints, AStart) { kill_everywhere({kApply}); }
TEST(CrashPoints, ARollout) { kill_everywhere({kApply, kRollOut}); }
TEST(CrashPoints, AnExitAndItsRestart) { kill_everywhere({kApply, kRollOut, kExit}); }
TEST(CrashPoints, ADeletion) { kill_everywhere({kApply, kRollOut, kExit, kDelete}); }
TEST(CrashPoints, AChangedConfigMap) { EXPECT_TRUE(kill_everywhere({kApply, kConfig}).another); }
TEST(CrashPoints, DIF2_4_ASurgeRestart) {
  EXPECT_TRUE(kill_everywhere({kApplyPair, kSurge}).another);
}

}  // namespace
}  // namespace podvisor
