#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/fake_api.h"
#include "cli/terminal.h"

namespace podvisor::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class StopVerb : public testing::Test {
 protected:
  Ran podvisor(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--socket", api_.socket()});
    return run_command(std::move(arguments));
  }
  FakeApi api_;
};

TEST_F(StopVerb, WaitsUntilPodvisorHasEnded) {
  api_.on("POST /podvisor/v1/stop", {.body = R"({"stopping": 2})"});
  api_.on("GET /api/v1/pods?watch=true", {.body = "", .end = Answer::End::Break});
  const Ran ran = podvisor({"stop", "--all"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "stopping 2 pods\npodvisor has ended\n");
}

TEST_F(StopVerb, NeedNotWait) {
  api_.on("POST /podvisor/v1/stop", {.body = R"({"stopping": 1})"});
  EXPECT_EQ(podvisor({"stop", "--all", "--wait=false"}).out, "stopping 1 pod\n");
  EXPECT_THAT(api_.requests(), ElementsAre("POST /podvisor/v1/stop"));
}

TEST_F(StopVerb, WantsToHearAll) {
  const Ran ran = podvisor({"stop"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("say --all"));
  EXPECT_TRUE(api_.requests().empty());
}

}  // namespace
}  // namespace podvisor::cli
