#include "daemon/deployments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/deployment_document.h"
#include "daemon/supervisor_fixture.h"

namespace podvisor {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using Stage = RolloutState::Stage;

class ScriptedCheck final : public TrafficCheck {
 public:
  void check(const Pod& pod, Done done) override {
    asked.push_back(pod.metadata.name);
    if (held)
      answers.push_back(std::move(done));
    else
      done("");
  }
  bool held = false;
  std::vector<std::string> asked;
  std::vector<Done> answers;
};

class ObjectJournal final : public Journal {
 public:
  void write_pod(const Pod&, const PodRecord&, const PodState&) override {}
  void forget_pod(const PodUid&) override {}
  void write_rollout(const RolloutRecord&) override {}
  void forget_rollout(const std::string&, const std::string&) override {}
  void write_object(const ObjectRecord& record) override {
    ++writes;
    last = record;
  }
  void forget_object(const PodUid&) override {}
  void write_source(const SourceRecord&) override {}
  void forget_source(const std::string&) override {}
  int writes = 0;
  ObjectRecord last;
};

/// web: two pods whose main says `word`; more lines of the spec in `more`.
std::string web(const std::string& word, int replicas = 2, const std::string& more = "") {
  return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: " +
         std::to_string(replicas) + "\n" + more +
         "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: "
         "web}}\n    spec:\n      containers:\n      - name: main\n        command: [run]\n        "
         "env: [{name: WORD, value: " +
         word +
         "}]\n        envFrom: [{configMapRef: {name: settings, optional: true}}]\n        "
         "readinessProbe: {exec: {command: [up]}}\n";
}

class DeploymentsTest : public SupervisorTest {
 protected:
  DeploymentsTest() {
    prober_.on_attempt = [this](const Pod& pod, const pod_action::StartAttempt& attempt) {
      const std::string& hash = pod.metadata.labels.at("pod-template-hash");
      if (refuses_ == hash || sick_ == pod.metadata.uid) return;
      supervisor_.post(pod.metadata.uid,
                       pod_event::AttemptCompleted{attempt.ref, attempt.kind, attempt.attempt_id,
                                                   Verdict::Success, ""});
    };
    runtime_.on_end = [this](const PodUid& pod, ContainerRef ref) { gone(pod, ref); };
    make();
  }
  void make() {
    deployments_ = std::make_unique<Deployments>(
        loop_, store_,
        Deployments::Edge{
            [](const std::string& document) { return load_text(document, "test", {}); },
            [this](const LoadedPod& pod) { supervisor_.apply(*pod.pod); },
            [this](const Pod& pod) {
              static_cast<void>(
                  supervisor_.delete_pod(pod.metadata.namespace_, pod.metadata.name, Seconds(0)));
            },
            [this] { return supervisor_.is_stopping(); }});
    deployments_->check_with(check_);
    deployments_->write_to(journal_);
  }
  /// The next podvisor, with what the last one wrote down.
  void begin_anew() {
    deployments_.reset();
    store_.remove_deployment("default", "web");
    make();
    for (const auto& [name, object] : store_.pods()) {  // as they are taken in
      PodStatus status = object.status;
      status.message = "adopted";
      store_.set_status(*object.pod, std::move(status));
    }
  }
  void restore() {
    const ObjectRecord kept = journal_.last;
    begin_anew();
    Deployment deployment = loaded(kept.document);
    deployment.metadata.uid = kept.uid;
    deployments_->restore(deployment, kept, [](const std::string& document) {
      const LoadResult of = load_text(document, "state", {});
      return of.ok() && of.pods.size() == 1 ? of.pods.front().pod : nullptr;
    });
  }
  void gone(const PodUid& pod, ContainerRef ref) {
    supervisor_.post(pod, pod_event::ContainerExited{ref, 137, 9, 0, ""});
  }
  static Deployment loaded(const std::string& manifest) {
    const LoadResult result = load_text(manifest, "web.yaml", {});
    EXPECT_TRUE(result.ok()) << to_string(result.diagnostics.front());
    return *result.deployments.at(0).object;
  }
  void apply(const std::string& manifest) { deployments_->apply(loaded(manifest)); }
  [[nodiscard]] RolloutView view() const { return deployments_->view("default", "web").value(); }
  /// Until the rollout has come to its end.
  void settle() {
    until([&] { return view().stage == Stage::Done && !terminating(); });
  }
  /// The loop looks only when something happens, and much may happen at once: so something does.
  void until(const std::function<bool()>& holds) {
    Timer tick(loop_, [&] { tick.start(std::chrono::milliseconds(1)); });
    tick.start(std::chrono::milliseconds(1));
    loop_.run_until(holds, std::chrono::seconds(10));
    EXPECT_TRUE(holds()) << view_text();
  }
  [[nodiscard]] std::string view_text() const {
    const auto now = deployments_->view("default", "web");
    return now ? now->progress : "none";
  }
  [[nodiscard]] bool terminating() const {
    for (const auto& [name, object] : store_.pods())
      if (object.deletion_timestamp) return true;
    return false;
  }
  [[nodiscard]] std::vector<std::string> words() const {
    std::vector<std::string> all;
    for (const auto& [name, object] : store_.pods())
      all.push_back(object.pod->spec.containers[0].env.at(0).value);
    return all;
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [name, object] : store_.pods()) all.push_back(name.second);
    return all;
  }
  [[nodiscard]] std::vector<std::string> events() const {
    std::vector<std::string> all;
    for (const EventObject& event : store_.events())
      if (event.involved_kind == "Deployment") all.push_back(event.reason + " " + event.message);
    return all;
  }
  const DeploymentEntry& entry() { return *store_.find_deployment("default", "web"); }

  ScriptedCheck check_;
  ObjectJournal journal_;
  std::string refuses_;  ///< pods of that hash are never Ready
  PodUid sick_;          ///< nor is this one, from now on
  std::unique_ptr<Deployments> deployments_;
};

TEST_F(DeploymentsTest, MakesPodsAsKubernetesNamesThem) {
  apply(web("one"));
  settle();
  ASSERT_THAT(names(), SizeIs(2));
  const Pod& pod = *store_.pods().begin()->second.pod;
  const std::string hash = pod.metadata.labels.at("pod-template-hash");
  EXPECT_THAT(pod.metadata.name, testing::MatchesRegex("web-" + hash + "-[a-z0-9]{5}"));
  EXPECT_EQ(pod.metadata.labels.at("app"), "web");
  EXPECT_EQ(pod.metadata.owner, (Owner{"Deployment", "web", entry().object.metadata.uid}));
  EXPECT_EQ(pod.spec.hostname, pod.metadata.name);
  EXPECT_THAT(pod.document, HasSubstr("ownerReferences"));
  EXPECT_EQ(entry().status.available, 2);
  EXPECT_EQ(entry().status.observed_generation, 1);
  EXPECT_EQ(entry().revision, 1);
  EXPECT_THAT(events(),
              ElementsAre("ScalingReplicaSet Scaled up replica set web-" + hash + " from 0 to 2"));
}

TEST_F(DeploymentsTest, ROL5_AnotherTemplateReplacesThePodsByOthers) {
  apply(web("one"));
  settle();
  const std::vector<std::string> before = names();
  int fewest = 2;
  store_.watch_instances([&](ChangeType, const PodObject&) {
    int serving = 0;
    for (const auto& [name, object] : store_.pods()) serving += gets_traffic(object) ? 1 : 0;
    fewest = std::min(fewest, serving);
  });
  apply(web("two"));
  settle();
  EXPECT_THAT(words(), ElementsAre("two", "two"));
  EXPECT_EQ(fewest, 2);
  for (const std::string& name : before) EXPECT_THAT(names(), testing::Not(Contains(name)));
  EXPECT_EQ(view().revision, 2);
  EXPECT_EQ(view().progress, "deployment \"web\" successfully rolled out");
}

TEST_F(DeploymentsTest, DIF3_1_APodGetsTrafficWhenARequestThroughTheDoorWasAnswered) {
  check_.held = true;
  apply(web("one", 1));
  until([&] { return !check_.answers.empty(); });
  const auto only = [&]() -> const PodObject& { return store_.pods().begin()->second; };
  EXPECT_TRUE(is_ready(only().status));
  EXPECT_FALSE(gets_traffic(only()));
  check_.answers.at(0)("it answered 502");
  EXPECT_FALSE(gets_traffic(only()));
  EXPECT_THAT(events(), Contains(HasSubstr("TrafficCheckFailed")));
  until([&] { return check_.answers.size() == 2; });
  check_.answers.at(1)("");
  EXPECT_TRUE(gets_traffic(only()));
  settle();
}

TEST_F(DeploymentsTest, UndoRestartPauseAndResume) {
  apply(web("one"));
  settle();
  apply(web("two"));
  settle();
  ASSERT_TRUE(deployments_->undo("default", "web", 0));
  settle();
  EXPECT_THAT(words(), ElementsAre("one", "one"));
  EXPECT_EQ(view().revision, 3);
  EXPECT_THAT(deployments_->undo("default", "web", 3).error().message,
              HasSubstr("skipped rollback"));
  EXPECT_THAT(deployments_->undo("default", "web", 9).error().message,
              HasSubstr("unable to find specified revision 9"));
  const std::vector<std::string> before = names();
  ASSERT_TRUE(deployments_->restart("default", "web"));
  EXPECT_EQ(view().stage, Stage::Starting) << "it has not been looked at yet";
  settle();
  EXPECT_NE(names(), before);
  EXPECT_THAT(words(), ElementsAre("one", "one"));
  ASSERT_TRUE(deployments_->pause("default", "web"));
  EXPECT_FALSE(deployments_->pause("default", "web"));
  EXPECT_FALSE(deployments_->restart("default", "web"));
  apply(web("three"));
  loop_.run_until([&] { return !entry().object.paused; }, std::chrono::milliseconds(20));
  EXPECT_THAT(words(), ElementsAre("one", "one")) << "it stays paused";
  ASSERT_TRUE(deployments_->resume("default", "web"));
  settle();
  EXPECT_THAT(words(), ElementsAre("three", "three"));
}

TEST_F(DeploymentsTest, RevisionHistoryLimitCountsFormerOnes) {
  for (const char* word : {"one", "two", "three"}) {
    apply(web(word, 1, "  revisionHistoryLimit: 1\n"));
    settle();
  }
  EXPECT_THAT(view().history, SizeIs(2));
}

TEST_F(DeploymentsTest, AChangedConfigMapOfTheEnvironmentIsAnotherRevision) {
  const auto set = [&](const std::string& value) {
    ConfigObject config;
    config.metadata.name = "settings";
    config.data = {{"color", value}};
    store_.set_config(config);
  };
  set("blue");
  apply(web("one"));
  settle();
  const std::vector<std::string> blue = names();
  set("green");
  until([&] { return view().stage != Stage::Done; });
  settle();
  EXPECT_NE(names(), blue);
  EXPECT_EQ(view().revision, 2);
}

TEST_F(DeploymentsTest, OneThatIsNeverReadyNeverDisplacesTheOthers) {
  apply(web("one"));
  settle();
  refuses_ = revision_of(loaded(web("two")), store_);
  apply(web("two", 2, "  progressDeadlineSeconds: 1\n"));
  until([&] { return view().stage == Stage::Failed; });
  EXPECT_EQ(view().reason, "ProgressDeadlineExceeded");
  EXPECT_EQ(entry().status.available, 2);
  EXPECT_EQ(store_.pods().size(), 3U);
  refuses_.clear();
  ASSERT_TRUE(deployments_->undo("default", "web", 0));
  settle();
  EXPECT_THAT(words(), ElementsAre("one", "one"));
}

TEST_F(DeploymentsTest, APodThatSomebodyDeletesIsMadeAnew) {
  apply(web("one"));
  settle();
  const std::string victim = names().front();
  ASSERT_TRUE(supervisor_.delete_pod("default", victim, Seconds(0)));
  until([&] { return store_.pods().size() == 2 && !store_.find_pod("default", victim); });
  settle();
}

TEST_F(DeploymentsTest, DeletedItsPodsGoWithIt) {
  apply(web("one"));
  settle();
  ASSERT_TRUE(deployments_->remove("default", "web"));
  EXPECT_FALSE(deployments_->view("default", "web"));
  until([&] { return store_.pods().empty(); });
  EXPECT_FALSE(deployments_->remove("default", "web"));
}

TEST_F(DeploymentsTest, DIF2_4_ASurgeRestartOfOnePodKeepsItsName) {
  std::string manifest = web("one");
  manifest += "      - {name: sidecar, command: [run], readinessProbe: {exec: {command: [up]}}}\n";
  apply(manifest);
  settle();
  const std::vector<std::string> before = names();
  const PodUid victim = store_.pods().begin()->second.pod->metadata.uid;
  sick_ = victim;
  supervisor_.post(victim, pod_event::ContainerExited{{1, 0}, 137, 9, 1, ""});
  until([&] { return store_.pods().begin()->second.pod->metadata.uid != victim; });
  EXPECT_EQ(names(), before);
  EXPECT_TRUE(gets_traffic(store_.pods().begin()->second));
  EXPECT_THAT(check_.asked, SizeIs(2)) << "the replacement is asked by its own rollout";
  settle();
  EXPECT_EQ(view().revision, 1);
}

TEST_F(DeploymentsTest, AfterARestartOfPodvisorItFindsItsPodsAgain) {
  apply(web("one"));
  settle();
  ASSERT_TRUE(deployments_->restart("default", "web"));
  settle();
  const std::vector<std::string> before = names();
  const std::string uid = entry().object.metadata.uid;
  begin_anew();
  apply(web("one"));
  settle();
  EXPECT_EQ(names(), before);
  EXPECT_EQ(entry().object.metadata.uid, uid);
  EXPECT_TRUE(events().empty() || events().back().find("from 0") == std::string::npos);
}

TEST_F(DeploymentsTest, ROL4_AfterARestartOfPodvisorEveryRevisionIsKnown) {
  for (const char* word : {"one", "two", "three"}) {
    apply(web(word, 2, "  revisionHistoryLimit: 2\n"));
    settle();
  }
  ASSERT_TRUE(deployments_->undo("default", "web", 1));  // it comes back as 4
  settle();
  const std::vector<RevisionView> before = view().history;
  const std::vector<std::string> pods = names();
  restore();
  settle();
  EXPECT_EQ(names(), pods);
  ASSERT_THAT(view().history, SizeIs(3));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(view().history[i].number, before[i].number);
    EXPECT_EQ(view().history[i].since, before[i].since);
  }
  const int writes = journal_.writes;
  ASSERT_TRUE(deployments_->undo("default", "web", 2));
  settle();
  EXPECT_THAT(words(), ElementsAre("two", "two"));
  EXPECT_EQ(view().revision, 5);
  EXPECT_EQ(journal_.writes, writes + 1) << "its status is not written down";
  EXPECT_EQ(journal_.last.last_revision, 5);
}

TEST_F(DeploymentsTest, ARolloutHalfDoneGoesOnAfterARestartOfPodvisor) {
  apply(web("one"));
  settle();
  refuses_ = revision_of(loaded(web("two")), store_);
  apply(web("two"));
  until([&] { return store_.pods().size() == 3; });
  restore();
  until([&] { return entry().status.updated == 1; });
  EXPECT_EQ(store_.pods().size(), 3U);
  EXPECT_EQ(entry().status.available, 2);
  EXPECT_EQ(view().stage, Stage::Starting);
  ASSERT_TRUE(deployments_->undo("default", "web", 0));
  settle();
  EXPECT_THAT(words(), ElementsAre("one", "one"));
  EXPECT_EQ(view().revision, 3);
}

TEST_F(DeploymentsTest, AChangeCauseIsKept) {
  std::string manifest = web("one");
  manifest.replace(manifest.find("{name: web}"), 11,
                   "{name: web, annotations: {kubernetes.io/change-cause: because}}");
  apply(manifest);
  settle();
  restore();
  EXPECT_EQ(view().history.at(0).change_cause, "because");
}

TEST_F(DeploymentsTest, PausedItKeepsItsNumberAfterARestartOfPodvisor) {
  apply(web("one"));
  settle();
  ASSERT_TRUE(deployments_->pause("default", "web"));
  apply(web("two"));
  restore();
  ASSERT_TRUE(supervisor_.delete_pod("default", names().front(), Seconds(0)));
  until([&] { return entry().status.available == 2 && !terminating(); });
  EXPECT_THAT(words(), ElementsAre("one", "one"));
  ASSERT_TRUE(deployments_->resume("default", "web"));
  settle();
  EXPECT_THAT(words(), ElementsAre("two", "two"));
}

TEST_F(DeploymentsTest, ROL4_ScaledInTheMiddleARevisionThatIsForgottenStillGrows) {
  apply(web("one", 2, "  revisionHistoryLimit: 0\n"));
  settle();
  refuses_ = revision_of(loaded(web("two")), store_);
  apply(web("two", 2, "  revisionHistoryLimit: 0\n"));
  until([&] { return store_.pods().size() == 3; });
  apply(web("two", 6, "  revisionHistoryLimit: 0\n"));
  until([&] { return store_.pods().size() == 8; });
  const std::vector<std::string> all = words();
  EXPECT_EQ(std::ranges::count(all, "one"), 5);
  EXPECT_EQ(std::ranges::count(all, "two"), 3);
}

TEST(DeploymentDocument, ReadAgainItIsTheSame) {
  const LoadResult once = load_text(web("one"), "web.yaml", {});
  const LoadResult twice = load_text(once.deployments.at(0).object->document, "web.json", {});
  EXPECT_EQ(once.deployments.at(0).object->document, twice.deployments.at(0).object->document);
}

}  // namespace
}  // namespace podvisor
