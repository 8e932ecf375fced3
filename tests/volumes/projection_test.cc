#include "runtime/volumes/projection.h"

#include <gmock/gmock.h>

#include "podvisor/object_store.h"

namespace podvisor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class ProjectionTest : public testing::Test {
 protected:
  ProjectionTest() {
    pod_.metadata.name = "web";
    pod_.metadata.labels = {{"app", "web"}};
    pod_.spec.containers.resize(1);
    pod_.spec.containers[0].name = "main";
    set(ConfigKind::ConfigMap, "settings", {{"a.conf", "A"}, {"b.conf", "B"}});
    set(ConfigKind::Secret, "key", {{"token", "t0k3n"}});
  }

  void set(ConfigKind kind, const std::string& name, std::map<std::string, std::string> data) {
    ConfigObject object;
    object.kind = kind;
    object.metadata.name = name;
    object.data = std::move(data);
    configs_.set_config(std::move(object));
  }
  Projection files(ProjectedVolume volume) {
    auto projection = project(volume, pod_, configs_, {"node", 2000, 1 << 30, 1 << 30, {}});
    EXPECT_TRUE(projection) << projection.error().message;
    return projection.value_or(Projection{});
  }
  std::string refusal(ProjectedVolume volume) {
    const auto projection = project(volume, pod_, configs_, {});
    return projection ? "" : projection.error().message;
  }

  Pod pod_;
  ObjectStore configs_;
};

ConfigFiles from(ConfigKind kind, const std::string& name, std::vector<KeyToPath> items = {},
                 bool optional = false) {
  return {kind, name, std::move(items), optional};
}

TEST_F(ProjectionTest, VOL7_WithoutItemsEveryKeyIsAFile) {
  EXPECT_THAT(files({{from(ConfigKind::ConfigMap, "settings")}, 0400}),
              ElementsAre(Pair("a.conf", ProjectedFile{"A", 0400}),
                          Pair("b.conf", ProjectedFile{"B", 0400})));
}

TEST_F(ProjectionTest, VOL7_ItemsChooseKeysPathsAndModes) {
  const ProjectedVolume volume{{from(ConfigKind::ConfigMap, "settings",
                                     {{"a.conf", "etc/app/a", 0600}, {"b.conf", "b", {}}})},
                               0644};
  EXPECT_THAT(files(volume), ElementsAre(Pair("b", ProjectedFile{"B", 0644}),
                                         Pair("etc/app/a", ProjectedFile{"A", 0600})));
}

TEST_F(ProjectionTest, VOL7_WhatIsMissingIsAnErrorUnlessOptional) {
  const std::vector<KeyToPath> absent{{"absent", "x", {}}, {"a.conf", "a", {}}};
  EXPECT_EQ(refusal({{from(ConfigKind::ConfigMap, "none")}}), "configmap \"none\" not found");
  EXPECT_EQ(refusal({{from(ConfigKind::Secret, "none")}}), "secret \"none\" not found");
  EXPECT_EQ(refusal({{from(ConfigKind::ConfigMap, "settings", absent)}}),
            "configmap references non-existent config key: absent");
  EXPECT_EQ(refusal({{from(ConfigKind::Secret, "key", absent)}}),
            "references non-existent secret key: absent");
  EXPECT_EQ(refusal({{from(ConfigKind::Secret, "none"), from(ConfigKind::ConfigMap, "gone")}}),
            "[secret \"none\" not found, configmap \"gone\" not found]");

  EXPECT_TRUE(files({{from(ConfigKind::ConfigMap, "none", {}, true)}}).empty());
  EXPECT_THAT(files({{from(ConfigKind::ConfigMap, "settings", absent, true)}}),
              ElementsAre(Pair("a", testing::_)));
}

TEST_F(ProjectionTest, VOL7_AnotherNamespacesObjectsAreNotSeen) {
  pod_.metadata.namespace_ = "elsewhere";
  EXPECT_EQ(refusal({{from(ConfigKind::ConfigMap, "settings")}}),
            "configmap \"settings\" not found");
}

TEST_F(ProjectionTest, VOL8_LaterSourcesWin) {
  const ProjectedVolume volume{
      {from(ConfigKind::ConfigMap, "settings"),
       from(ConfigKind::Secret, "key", {{"token", "a.conf", 0400}}),
       DownwardApiFiles{{{"labels", {}, ObjectFieldSelector{"metadata.labels"}}}}}};
  EXPECT_THAT(files(volume), ElementsAre(Pair("a.conf", ProjectedFile{"t0k3n", 0400}),
                                         Pair("b.conf", ProjectedFile{"B", 0644}),
                                         Pair("labels", ProjectedFile{"app=\"web\"", 0644})));
}

TEST_F(ProjectionTest, DWN4_ResourcesOfANamedContainer) {
  pod_.spec.containers[0].resources.memory_limit = 3 << 20;
  const auto file = [](const char* path, ResourceFieldSelector selector) {
    return DownwardApiFile{path, {}, std::move(selector)};
  };
  EXPECT_THAT(files({{DownwardApiFiles{{file("memory", {"main", "limits.memory", "1Mi"}),
                                        file("cpus", {"main", "limits.cpu", ""})}}}}),
              ElementsAre(Pair("cpus", ProjectedFile{"2", 0644}),
                          Pair("memory", ProjectedFile{"3", 0644})));
  EXPECT_EQ(refusal({{DownwardApiFiles{{file("x", {"", "limits.cpu", ""})}}}}),
            "a file's resource needs a containerName");
}

TEST_F(ProjectionTest, DWN2_AFileCannotHaveThePodsAddress) {
  EXPECT_EQ(refusal({{DownwardApiFiles{{{"ip", {}, ObjectFieldSelector{"status.podIP"}}}}}}),
            "a file cannot have the field status.podIP");
}

TEST_F(ProjectionTest, NoPathLeavesTheVolume) {
  for (const char* path : {"", "/etc/passwd", "../x", "a/../../x", "a/..", "..data", "..data/x",
                           ".", "a//b", "a/", "./a"}) {
    const Status checked = check_projected_path(path);
    ASSERT_FALSE(checked) << path;
    EXPECT_THAT(checked.error().message, HasSubstr("is not a path that a file"));
  }
  EXPECT_FALSE(check_projected_path(std::string(256, 'x')));
  EXPECT_FALSE(check_projected_path(std::string("a\0b", 3)));
  EXPECT_TRUE(check_projected_path("a/b..c/.d"));
  set(ConfigKind::ConfigMap, "bad", {{"..data", "x"}});
  EXPECT_NE(refusal({{from(ConfigKind::ConfigMap, "bad")}}), "");
}

}  // namespace
}  // namespace podvisor
