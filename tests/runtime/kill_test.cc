#include "victim.h"

namespace podvisor {
namespace {

using PlainKillTest = KillTest<RuntimeFixture>;

TEST_F(PlainKillTest, WhereverItWas) {
  const auto make = [this](Loop& loop, EventSink& events, CgroupTree* cgroups) {
    return std::make_unique<ProcessRuntime>(settings(), loop, events, configs_, cgroups, &network_);
  };
  kill_everywhere(make, pod_with("echo run; echo because >/dev/termination-log; exit 3"), 60);
}

}  // namespace
}  // namespace podvisor
