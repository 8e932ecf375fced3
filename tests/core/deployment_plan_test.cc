#include "podvisor/deployment_plan.h"

#include <gtest/gtest.h>

#include "core/deployment_world.h"

namespace podvisor {
namespace {

using namespace std::chrono_literals;

TEST(DeploymentPlan, ROL4_PercentagesAreRoundedUpForSurgeAndDownForUnavailable) {
  struct Case {
    int replicas;
    IntOrPercent surge;
    IntOrPercent unavailable;
    int most_more;
    int most_missing;
  };
  const Case cases[] = {
      {1, {25, true}, {25, true}, 1, 0},  {3, {25, true}, {25, true}, 1, 0},
      {4, {25, true}, {25, true}, 1, 1},  {5, {25, true}, {25, true}, 2, 1},
      {10, {25, true}, {25, true}, 3, 2}, {3, {2, false}, {1, false}, 2, 1},
      {3, {0, false}, {10, true}, 0, 1},  // neither: one may be missing
      {3, {0, true}, {25, true}, 0, 1},   {2, {0, false}, {5, false}, 0, 2},
      {0, {25, true}, {25, true}, 0, 0},
  };
  for (const Case& each : cases) {
    Deployment deployment;
    deployment.replicas = each.replicas;
    deployment.strategy.max_surge = each.surge;
    deployment.strategy.max_unavailable = each.unavailable;
    EXPECT_EQ(rolling_bounds(deployment).surge, each.most_more) << each.replicas;
    EXPECT_EQ(rolling_bounds(deployment).unavailable, each.most_missing) << each.replicas;
  }
}

TEST(DeploymentPlan, TheFirstPodsAreMadeAtOnce) {
  DeploymentWorld world(3);
  EXPECT_EQ(world.look(), "make 3");
  EXPECT_EQ(world.condition("Progressing"), "True NewReplicaSetCreated");
  EXPECT_EQ(world.condition("Available"), "False MinimumReplicasUnavailable");
  EXPECT_EQ(world.look(), "");
  world.all_ready();
  EXPECT_EQ(world.look(), "");
  EXPECT_EQ(world.condition("Progressing"), "True NewReplicaSetAvailable");
  EXPECT_EQ(world.condition("Available"), "True MinimumReplicasAvailable");
  EXPECT_EQ(world.state.status.available, 3);
  EXPECT_EQ(world.wake_at, std::nullopt);
}

TEST(DeploymentPlan, ROL5_OldPodsGoOneByOneAsNewOnesBecomeAvailable) {
  DeploymentWorld world(3);
  world.settle();
  world.revision = "b";
  EXPECT_EQ(world.look(), "make 1");
  EXPECT_EQ(world.look(), "") << "the new pod is not Ready: nothing gives way to it";
  world.ready("b-4");
  EXPECT_EQ(world.look(), "remove a-3, make 1");
  EXPECT_EQ(world.state.status.updated, 1);
  world.ready("b-5");
  EXPECT_EQ(world.look(), "remove a-2, make 1");
  world.ready("b-6");
  EXPECT_EQ(world.look(), "remove a-1");
  EXPECT_EQ(world.look(), "");
  EXPECT_TRUE(world.state.complete);
}

TEST(DeploymentPlan, MaxUnavailableLetsOldPodsGoFirst) {
  DeploymentWorld world(4);
  world.settle();
  world.deployment.strategy.max_surge = {0, false};
  world.deployment.strategy.max_unavailable = {2, false};
  world.revision = "b";
  EXPECT_EQ(world.look(), "remove a-4 a-3, make 2");
  EXPECT_EQ(world.condition("Available"), "True MinimumReplicasAvailable");
  EXPECT_EQ(world.look(), "");
}

TEST(DeploymentPlan, OldPodsThatAreNotAvailableGoFirst) {
  DeploymentWorld world(3);
  world.settle();
  world.find("a-2").ready_since.reset();
  world.deployment.strategy.max_unavailable = {1, false};
  world.revision = "b";
  EXPECT_EQ(world.look(), "remove a-2, make 2");
}

TEST(DeploymentPlan, RecreateWaitsUntilEveryOldPodIsGone) {
  DeploymentWorld world(2);
  world.deployment.strategy.recreate = true;
  world.settle();
  world.revision = "b";
  EXPECT_EQ(world.look(), "remove a-2 a-1");
  EXPECT_EQ(world.look(), "");
  world.all_gone();
  EXPECT_EQ(world.look(), "make 2");
}

TEST(DeploymentPlan, MinReadySecondsDelayAvailability) {
  DeploymentWorld world(1);
  world.settle();
  world.deployment.min_ready = Seconds(10);
  world.revision = "b";
  world.look();
  world.ready("b-2");
  EXPECT_EQ(world.look(), "");
  EXPECT_EQ(world.wake_at, world.now.monotonic + 10s);
  world.advance(9s);
  EXPECT_EQ(world.look(), "");
  world.ready("b-2");  // not Ready in between: it begins anew
  world.advance(9s);
  EXPECT_EQ(world.look(), "");
  world.advance(1s);
  EXPECT_EQ(world.look(), "remove a-1");
}

TEST(DeploymentPlan, WithoutProgressForTheDeadlineItHasFailedButGoesOn) {
  DeploymentWorld world(2);
  world.settle();
  world.deployment.progress_deadline = Seconds(60);
  world.revision = "b";
  world.look();
  world.look();  // as the pod that was made makes one
  EXPECT_EQ(world.wake_at, world.now.monotonic + 60s);
  world.advance(60s);
  EXPECT_EQ(world.look(), "");
  EXPECT_EQ(world.condition("Progressing"), "False ProgressDeadlineExceeded");
  EXPECT_EQ(progress(world.deployment, world.state),
            "deployment \"web\" exceeded its progress deadline");
  EXPECT_EQ(world.state.status.available, 2) << "the old pods never noticed";
  world.ready("b-3");
  EXPECT_EQ(world.look(), "remove a-2, make 1");
  EXPECT_EQ(world.condition("Progressing"), "True ReplicaSetUpdated");
}

TEST(DeploymentPlan, ProgressMovesTheDeadline) {
  DeploymentWorld world(2);
  world.settle();
  world.deployment.progress_deadline = Seconds(60);
  world.revision = "b";
  world.look();
  world.advance(50s);
  world.ready("b-3");
  world.look();
  EXPECT_EQ(world.wake_at, world.now.monotonic + 60s);
}

TEST(DeploymentPlan, TheLargestDeadlineIsNone) {
  DeploymentWorld world(1);
  world.deployment.progress_deadline = Seconds(2147483647);
  world.look();
  EXPECT_EQ(world.wake_at, std::nullopt);
}

TEST(DeploymentPlan, ACompleteRolloutDoesNotFailWhenAPodDoesLater) {
  DeploymentWorld world(2);
  world.settle();
  world.find("a-1").ready_since.reset();
  world.advance(700s);
  EXPECT_EQ(world.look(), "");
  EXPECT_EQ(world.condition("Progressing"), "True NewReplicaSetAvailable");
  EXPECT_EQ(world.condition("Available"), "False MinimumReplicasUnavailable");
  EXPECT_FALSE(has_arrived(world.deployment, world.state));
  world.all_ready();
  world.look();
  EXPECT_TRUE(has_arrived(world.deployment, world.state));
}

TEST(DeploymentPlan, PausedItDoesNotActOnANewTemplateButOnItsNumber) {
  DeploymentWorld world(2);
  world.settle();
  world.deployment.paused = true;
  world.revision = "b";
  EXPECT_EQ(world.look(), "");
  EXPECT_EQ(world.condition("Progressing"), "Unknown DeploymentPaused");
  world.deployment.replicas = 3;
  EXPECT_EQ(world.look(), "make 1");
  EXPECT_EQ(world.pods.back().revision, "a");
  world.deployment.replicas = 1;
  EXPECT_EQ(world.look(), "remove a-3 a-2") << "the one that is not Ready first";
  world.deployment.paused = false;
  EXPECT_EQ(world.look(), "make 1");
  EXPECT_EQ(world.condition("Progressing"), "True NewReplicaSetCreated");
}

TEST(DeploymentPlan, PausedInTheMiddleBothRevisionsStayAsTheyAre) {
  DeploymentWorld world(3);
  world.settle();
  world.revision = "b";
  world.look();
  world.deployment.paused = true;
  world.all_ready();
  EXPECT_EQ(world.look(), "");
  world.deployment.paused = false;
  EXPECT_EQ(world.look(), "remove a-3, make 1");
}

TEST(DeploymentPlan, ROL4_ScaledInTheMiddleTheRolloutStaysWhereItIs) {
  DeploymentWorld world(8);
  world.settle();
  world.revision = "b";
  EXPECT_EQ(world.look(), "remove a-8 a-7, make 4");  // 6 a, 4 b
  world.all_gone();
  world.deployment.replicas = 16;
  EXPECT_EQ(world.look(), "make 6 a, make 4") << "12 a, 8 b: 20 are allowed";
  EXPECT_EQ(world.wake_at, world.now.monotonic) << "and the rollout goes on";
  EXPECT_EQ(world.look(), "") << "nothing gives way to what is not Ready";
  world.all_ready();
  world.look();
  world.all_gone();
  world.deployment.replicas = 4;
  world.all_ready();
  world.look();
  EXPECT_EQ(world.find_all("a"), 1);
  EXPECT_EQ(world.find_all("b"), 4);
  world.settle();
  EXPECT_TRUE(world.state.complete);
}

TEST(DeploymentPlan, ScaledDownInTheMiddleNoneGoesThatIsNeeded) {
  DeploymentWorld world(8);
  world.settle();
  world.revision = "b";
  world.deployment.strategy.max_unavailable = {6, false};
  world.look();
  world.all_gone();  // 2 a that serve, 8 b that never will
  ASSERT_EQ(world.find_all("b"), 8);
  world.deployment.replicas = 2;
  world.deployment.strategy.max_unavailable = {0, false};
  EXPECT_EQ(world.look(), "remove b-16 b-15 b-14 b-13 b-12 b-11 b-10")
      << "their share would be one of three";
  EXPECT_EQ(world.find_all("a"), 2);
}

TEST(DeploymentPlan, ScaledTogetherWithAnotherTemplateNoneIsMadeOfTheFormer) {
  DeploymentWorld world(2);
  world.settle();
  world.revision = "b";
  world.deployment.replicas = 4;
  EXPECT_EQ(world.look(), "make 3");
}

TEST(DeploymentPlan, PausedInTheMiddleBothFollowTheNumber) {
  DeploymentWorld world(4);
  world.settle();
  world.deployment.strategy.max_unavailable = {0, false};
  world.revision = "b";
  world.look();
  world.all_ready();
  world.look();
  world.all_gone();  // 3 a, 2 b
  world.deployment.paused = true;
  world.deployment.replicas = 8;
  EXPECT_EQ(world.look(), "make 3 a, make 2");
  world.deployment.replicas = 0;
  world.look();
  EXPECT_EQ(world.find_all("a") + world.find_all("b"), 0);
  world.deployment.replicas = 2;
  EXPECT_EQ(world.look(), "make 2") << "the latest, as nothing else is there";
}

TEST(DeploymentPlan, PausedFromItsFirstDayItMakesNothing) {
  DeploymentWorld world(2);
  world.deployment.paused = true;
  EXPECT_EQ(world.look(), "");
}

TEST(DeploymentPlan, ScaledDownTheYoungestReadyPodGoes) {
  DeploymentWorld world(3);
  world.settle();
  world.deployment.replicas = 2;
  EXPECT_EQ(world.look(), "remove a-3");
  world.find("a-1").ready_since.reset();
  world.deployment.replicas = 1;
  EXPECT_EQ(world.look(), "remove a-1") << "one that is not Ready goes before one that is";
  world.deployment.replicas = 0;
  EXPECT_EQ(world.look(), "remove a-2");
  EXPECT_EQ(world.condition("Available"), "True MinimumReplicasAvailable");
}

TEST(DeploymentPlan, APodThatEndedOrIsDeletedIsMadeAnew) {
  DeploymentWorld world(2);
  world.settle();
  world.find("a-1").ended = true;
  EXPECT_EQ(world.look(), "remove a-1, make 1");
  world.find("a-2").terminating = true;
  EXPECT_EQ(world.look(), "make 1");
}

TEST(DeploymentPlan, GoingBackInTheMiddleTakesTheOldPodsThatAreStillThere) {
  DeploymentWorld world(3);
  world.settle();
  world.revision = "b";
  world.look();  // a-1 a-2 a-3 b-4
  world.revision = "a";
  EXPECT_EQ(world.look(), "remove b-4");
  EXPECT_EQ(world.look(), "");
  EXPECT_EQ(world.condition("Progressing"), "True NewReplicaSetAvailable");
}

TEST(DeploymentPlan, FoundPodsOfTheWantedRevisionStay) {
  DeploymentWorld world(2);
  world.settle();
  world.state = {};  // podvisor was restarted
  EXPECT_EQ(world.look(), "");
  EXPECT_EQ(world.condition("Progressing"), "True NewReplicaSetAvailable");
}

TEST(DeploymentPlan, ProgressIsToldInKubectlsWords) {
  DeploymentWorld world(3);
  world.settle();
  EXPECT_EQ(progress(world.deployment, world.state), "deployment \"web\" successfully rolled out");
  world.revision = "b";
  world.look();
  world.look();
  EXPECT_EQ(progress(world.deployment, world.state),
            "Waiting for deployment \"web\" rollout to finish: 1 out of 3 new replicas have been "
            "updated...");
  world.deployment.strategy.max_surge = {3, false};
  world.look();
  world.look();
  EXPECT_EQ(progress(world.deployment, world.state),
            "Waiting for deployment \"web\" rollout to finish: 3 old replicas are pending "
            "termination...");
}

}  // namespace
}  // namespace podvisor
