#include "daemon/narrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace podvisor {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class ManualClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return {TimePoint{at}, WallTime{1000s} + at}; }
  Duration at{0};
};

class NarratorTest : public testing::Test {
 protected:
  NarratorTest() {
    auto pod = std::make_shared<Pod>();
    pod->metadata.name = "web";
    pod->metadata.uid = "u1";
    pod->spec.containers.resize(1);
    pod->spec.containers[0].ports = {{.name = "http", .container_port = 8080}};
    pod_ = pod;
    store_.add_pod(pod_, {}, clock_.now().wall);
  }
  static PodStatus status(bool ready) {
    PodStatus status;
    status.pod_ip = "10.88.0.2";
    status.start_time = WallTime{1000s};
    status.conditions = {{"Ready", ready, ready ? "" : "ContainersNotReady", "", {}}};
    return status;
  }

  ObjectStore store_;
  ManualClock clock_;
  std::ostringstream out_;
  std::shared_ptr<const Pod> pod_;
  Narrator narrator_{store_, clock_, out_};
};

TEST_F(NarratorTest, SaysWhenAPodBecameReadyAndWhereToOpenIt) {
  clock_.at = 420ms;
  store_.set_status(*pod_, status(true));
  EXPECT_THAT(out_.str(), HasSubstr("0.420s  web"));
  EXPECT_THAT(out_.str(), HasSubstr("Ready after 0.4 s: 10.88.0.2, http://10.88.0.2:8080/"));
}

TEST_F(NarratorTest, SaysOnceWhenItIsNotReadyAnyMore) {
  store_.set_status(*pod_, status(true));
  out_.str("");
  store_.set_status(*pod_, status(false));
  store_.set_status(*pod_, status(false));
  EXPECT_EQ(out_.str(),
            "   0.000s  web                       not Ready any more: ContainersNotReady\n");
}

TEST_F(NarratorTest, AnEventsTextCannotReachTheTerminal) {
  EventObject event;
  event.involved_name = "web";
  event.field_path = "spec.containers{php}";
  event.warning = true;
  event.reason = "Unhealthy";
  event.message = "evil\x1b[2J\ntext";
  store_.record(event, clock_.now().wall);
  EXPECT_THAT(out_.str(), HasSubstr("web/php                   Unhealthy: evil [2J text\n"));
}

}  // namespace
}  // namespace podvisor
