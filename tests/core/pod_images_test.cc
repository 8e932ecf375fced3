// Images that cannot be had (IMG) and the events about them (EVT-1 … EVT-6).
#include <gtest/gtest.h>

#include "core/pod_driver.h"
#include "podvisor/image.h"

namespace podvisor {
namespace {

ContainerStateWaiting waiting(const PodDriver& pod, std::size_t i = 0) {
  const auto* state = std::get_if<ContainerStateWaiting>(&pod.status().container_statuses[i].state);
  return state == nullptr ? ContainerStateWaiting{"not waiting", ""} : *state;
}

class Images : public testing::Test {
 protected:
  static PodDriver up(std::size_t containers = 1) {
    std::vector<Container> list;
    for (std::size_t i = 0; i < containers; ++i) {
      list.push_back(make_container("c" + std::to_string(i)));
      list.back().image = "app:1";
    }
    PodDriver pod(make_pod(std::move(list)));
    pod.up();
    return pod;
  }
  static std::vector<PodAction> fail(PodDriver& pod, const std::string& reason,
                                     ContainerIndex i = 0) {
    return pod.send(pod_event::ContainerStartFailed{pod.ref(i), reason, "not found"});
  }
};

TEST(ImageId, IsTheNameWithTheDigestForItsTag) {
  const auto id = [](const std::string& name) { return image_id({name, "sha256:12", "", 0, {}}); };
  EXPECT_EQ(id("docker.io/library/app:1.2"), "docker.io/library/app@sha256:12");
  EXPECT_EQ(id("reg:5000/a/b:v1"), "reg:5000/a/b@sha256:12");
  EXPECT_EQ(id("reg:5000/a/b@sha256:12"), "reg:5000/a/b@sha256:12");
  EXPECT_EQ(id("reg:5000/a/b:v1@sha256:12"), "reg:5000/a/b@sha256:12");
  EXPECT_EQ(id("oci:/srv/layout:v1"), "sha256:12");
  EXPECT_EQ(id("rootfs:/srv/tree"), "sha256:12");
}

TEST_F(Images, EVT1_EVT2_PullingAndPulledAreTold) {
  PodDriver pod = up();
  EXPECT_TRUE(has_event(pod.send(pod_event::ImagePulling{pod.ref(0)}), "Pulling",
                        "Pulling image \"app:1\""));
  const pod_event::ImagePulled pulled{pod.ref(0), "Successfully pulled", "docker.io/library/app:1",
                                      "docker.io/library/app@sha256:12"};
  EXPECT_TRUE(has_event(pod.send(pulled), "Pulled", "Successfully pulled"));
  EXPECT_EQ(pod.status().container_statuses[0].image, "docker.io/library/app:1");
  EXPECT_EQ(pod.status().container_statuses[0].image_id, "docker.io/library/app@sha256:12");
  EXPECT_EQ(waiting(pod).reason, "ContainerCreating");
  const auto started = pod.started(0);
  EXPECT_TRUE(has_event(started, "Created", "Container created"));  // EVT-7
  EXPECT_TRUE(has_event(started, "Started", "Container started"));
}

TEST_F(Images, IMG1_ErrImagePullThenImagePullBackOff) {
  PodDriver pod = up();
  const auto failed = fail(pod, "ErrImagePull");
  EXPECT_TRUE(has_event(failed, "Failed", "Failed to pull image \"app:1\": not found"));
  EXPECT_TRUE(has_event(failed, "Failed", "Error: ErrImagePull"));
  EXPECT_EQ(waiting(pod), (ContainerStateWaiting{"ErrImagePull", "not found"}));
  const auto look = pod.advance_to_wake();
  EXPECT_EQ(starts(look), Indices{});
  EXPECT_TRUE(has_event(look, "BackOff", "Back-off pulling image \"app:1\""));
  EXPECT_TRUE(has_event(look, "Failed", "Error: ImagePullBackOff"));
  EXPECT_EQ(waiting(pod).reason, "ImagePullBackOff");
  EXPECT_EQ(waiting(pod).message, "Back-off pulling image \"app:1\": ErrImagePull: not found");
}

TEST_F(Images, IMG2_TenSecondsDoublingToFiveMinutesFromTheAttempt) {
  PodDriver pod = up();
  for (const int delay : {10, 20, 40, 80, 160, 300, 300}) {
    fail(pod, "ErrImagePull");
    pod.advance(1s);
    EXPECT_EQ(starts(pod.advance(Seconds{delay} - 1001ms)), Indices{}) << delay;
    EXPECT_EQ(starts(pod.advance(1ms)), Indices{0}) << delay;
  }
  EXPECT_EQ(pod.container(0).restart_count(), 0);
}

TEST_F(Images, IMG2_APullThatSucceedsEndsTheSeries) {
  PodDriver pod = up();
  fail(pod, "ErrImagePull");
  pod.advance(1s);
  pod.advance(9s);
  pod.send(pod_event::ImagePulled{pod.ref(0), "pulled", "app", "1"});
  fail(pod, "ErrImagePull");
  pod.advance(1s);
  EXPECT_EQ(starts(pod.advance(9s)), Indices{0});
}

TEST_F(Images, IMG2_ContainersOfOneImageShareItsSeries) {
  PodDriver pod = up(2);
  fail(pod, "ErrImagePull", 0);
  fail(pod, "ErrImagePull", 1);  // asked for at the same time: the same incident
  pod.advance(1s);
  EXPECT_EQ(waiting(pod, 1).reason, "ImagePullBackOff");
  EXPECT_EQ(starts(pod.advance(9s)), (Indices{0, 1}));
}

TEST_F(Images, IMG3_OtherReasonsAreShownAsTheyAre) {
  struct Row {
    const char* reason;
    const char* event;
    const char* message;
  };
  for (const Row& row : {
           Row{"ErrImageNeverPull", "ErrImageNeverPull",
               "Container image \"app:1\" is not present with pull policy of Never"},
           Row{"InvalidImageName", "InspectFailed", "not found"},
           Row{"ImageInspectError", "InspectFailed", "not found"},
           Row{"RegistryUnavailable", "Failed", "Failed to pull image \"app:1\": not found"},
       }) {
    PodDriver pod = up();
    const auto failed = fail(pod, row.reason);
    EXPECT_TRUE(has_event(failed, row.event, row.message)) << row.reason;
    EXPECT_TRUE(has_event(failed, "Failed", std::string("Error: ") + row.reason)) << row.reason;
    EXPECT_EQ(waiting(pod).reason, row.reason);
  }
}

TEST_F(Images, IMG3_WhatNoPullCanMendIsTriedAgainAfterTenSeconds) {
  PodDriver pod = up();
  fail(pod, "ErrImageNeverPull");
  EXPECT_EQ(starts(pod.advance(9s)), Indices{});
  EXPECT_EQ(waiting(pod).reason, "ErrImageNeverPull");
  EXPECT_EQ(starts(pod.advance(1s)), Indices{0});
}

TEST_F(Images, CST3_AStartThatFailsTakesNothingBackFromRestartCount) {
  PodDriver pod = up(2);
  pod.all_started();
  pod.exited(0, 1);
  pod.started(0);
  EXPECT_EQ(pod.container(0).restart_count(), 1);
  pod.exited(0, 1);
  pod.advance(10s);
  EXPECT_EQ(pod.container(0).restart_count(), 1);
  fail(pod, "ErrImagePull");
  EXPECT_EQ(pod.container(0).restart_count(), 1);
  EXPECT_EQ(pod.status().container_statuses[0].last_state->exit_code, 1);
}

}  // namespace
}  // namespace podvisor
