// A pod replaced by another of its name under load: nobody notices, whatever becomes of it.
#include <algorithm>

#include "traffic/acceptance.h"

namespace podvisor {
namespace {

TEST_F(Acceptance, AChangedManifestReplacesThePodAndNobodyNotices) {
  start(web("one"));
  begin_load();
  write_manifest("web.yaml", web("two"));
  expect_version("two");
  expect_none_failed();
}

TEST_F(Acceptance, TenReplacementsInARow) {
  start(web("0"));
  begin_load(4);
  for (int i = 1; i <= 10; ++i) {
    const std::string version = std::to_string(i);
    write_manifest("web.yaml", web(version));
    expect_version(version);
    go_on(20);
  }
  expect_none_failed();
}

TEST_F(Acceptance, ROL5_DIF3_5_ARevisionThatNeverGetsReadyIsNotNoticed) {
  start(web("one"));
  begin_load();
  std::string broken = web("two", ", podvisor.io/progress-deadline: 2s");
  broken.replace(broken.find("path: /,"), 8, "path: /missing,");
  write_manifest("web.yaml", broken);
  ASSERT_TRUE(eventually([&] {
    const std::vector<std::string> told = events("web");
    return std::ranges::any_of(told, [](const auto& e) { return e.starts_with("RolloutFailed"); });
  })) << podvisor_log();
  expect_version("one");
  expect_none_failed();
}

TEST_F(Acceptance, AnUndoneRolloutIsNotNoticed) {
  start(web("one"));
  begin_load();
  write_manifest("web.yaml", web("two"));
  expect_version("two");
  go_on();
  EXPECT_EQ(cli({"rollout", "undo", "pod/web"}).exit_code, 0);
  expect_version("one");
  expect_none_failed();
}

}  // namespace
}  // namespace podvisor
