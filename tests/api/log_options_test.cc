#include "api/log_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/pods.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

HttpRequest asking(std::multimap<std::string, std::string> query) {
  HttpRequest request;
  request.query = std::move(query);
  return request;
}

std::string refusal(std::multimap<std::string, std::string> query) {
  const auto options = parse_log_options(asking(std::move(query)), kNoon);
  return options ? "" : options.error().message;
}

TEST(LogOptions, ReadsEveryParameter) {
  const auto options = parse_log_options(asking({{"container", "web"},
                                                 {"follow", "true"},
                                                 {"previous", "1"},
                                                 {"timestamps", ""},
                                                 {"tailLines", "0"},
                                                 {"limitBytes", "10"},
                                                 {"sinceSeconds", "60"}}),
                                         kNoon);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->container, "web");
  EXPECT_TRUE(options->follow && options->previous && options->query.timestamps);
  EXPECT_EQ(options->query.tail_lines, 0);
  EXPECT_EQ(options->query.limit_bytes, 10);
  EXPECT_EQ(options->query.since, kNoon - Seconds(60));
}

TEST(LogOptions, SinceTimeIsATime) {
  const auto options = parse_log_options(asking({{"sinceTime", "2026-11-22T13:00:00+01:00"}}), {});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->query.since, kNoon);
}

TEST(LogOptions, BadValuesAreNamed) {
  EXPECT_THAT(refusal({{"tailLines", "-1"}}), HasSubstr("tailLines: Invalid value: -1"));
  EXPECT_THAT(refusal({{"limitBytes", "0"}}), HasSubstr("greater than or equal to 1"));
  EXPECT_THAT(refusal({{"sinceSeconds", "x"}}), HasSubstr("sinceSeconds"));
  EXPECT_THAT(refusal({{"sinceTime", "noon"}}), HasSubstr("sinceTime"));
  EXPECT_THAT(refusal({{"sinceSeconds", "1"}, {"sinceTime", "2026-11-22T12:00:00Z"}}),
              HasSubstr("at most one"));
  EXPECT_EQ(refusal({{"sinceSeconds", "9223372036854775807"}}), "");
}

TEST(ChooseContainer, TheOnlyOneNeedsNoName) {
  EXPECT_EQ(choose_container(*make_pod("web"), ""), "main");
}

TEST(ChooseContainer, SeveralMustBeChosenFrom) {
  const auto pod = make_pod("web", {make_container("setup", ContainerRole::Init),
                                    make_container("nginx"), make_container("php")});
  const auto chosen = choose_container(*pod, "");
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().message,
            "a container name must be specified for pod web, choose one of: [nginx php] or one of "
            "the init containers: [setup]");
  EXPECT_EQ(choose_container(*pod, "setup"), "setup");
  const auto wrong = choose_container(*pod, "x");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "container x is not valid for pod web");
}

struct ChooseInstance : testing::Test {
  ChooseInstance() {
    object.pod = pod;
    object.status = running_status(*pod);
    options.container = "main";
  }
  ContainerStatus& status() { return object.status.container_statuses[0]; }
  int instance() {
    const auto found = choose_instance(object, options);
    return found ? found->instance : -1;
  }
  std::string refusal() {
    const auto found = choose_instance(object, options);
    return found ? "" : found.error().message;
  }

  std::shared_ptr<Pod> pod = make_pod("web");
  PodObject object;
  LogOptions options;
};

TEST_F(ChooseInstance, TheRunningOneAndWithPreviousTheOneBefore) {
  status() = running(*pod, "main", 4);
  EXPECT_EQ(instance(), 4);
  options.previous = true;
  EXPECT_EQ(instance(), 3);
}

TEST_F(ChooseInstance, TheOneThatEnded) {
  status().state = ended(*pod, "main", 2);
  EXPECT_EQ(instance(), 2);
}

TEST_F(ChooseInstance, WhileWaitingToRestartTheOneThatEnded) {
  status() = running(*pod, "main", 4);
  status().state = ContainerStateWaiting{"CrashLoopBackOff", ""};
  EXPECT_EQ(instance(), 3);
  options.previous = true;
  EXPECT_EQ(instance(), 3);
}

TEST_F(ChooseInstance, OneThatNeverRanSaysWhatItWaitsFor) {
  status() = {};
  status().name = "main";
  status().state = ContainerStateWaiting{"ContainerCreating", ""};
  EXPECT_EQ(refusal(), "container \"main\" in pod \"web\" is waiting to start: ContainerCreating");
}

TEST_F(ChooseInstance, NoPreviousOne) {
  options.previous = true;
  EXPECT_EQ(refusal(), "previous terminated container \"main\" in pod \"web\" not found");
}

TEST_F(ChooseInstance, AContainerWithoutStatusIsNotAvailable) {
  object.status.container_statuses.clear();
  EXPECT_EQ(refusal(), "container \"main\" in pod \"web\" is not available");
}

TEST_F(ChooseInstance, AnEndWithoutAnInstanceHasNoLog) {
  ContainerStateTerminated lost;
  lost.reason = "ContainerStatusUnknown";
  status().state = lost;
  EXPECT_EQ(refusal(), "container \"main\" in pod \"web\" is terminated");
}

}  // namespace
}  // namespace podvisor
