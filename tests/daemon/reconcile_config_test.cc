#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/reconcile.h"

namespace podvisor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ConfigObject config(const std::string& name, const std::string& value, bool immutable = false) {
  ConfigObject object;
  object.metadata.name = name;
  object.data = {{"key", value}};
  object.immutable = immutable;
  object.document = value;
  return object;
}

Loaded<ConfigObject> loaded(const ConfigObject& object) {
  return {std::make_shared<const ConfigObject>(object), {"a.yaml", 3, 9}};
}

TEST(ReconcileConfigs, NewAndChangedOnesAreAppliedGoneOnesRemoved) {
  const auto key = [](const char* name) {
    return ConfigName{ConfigKind::ConfigMap, "default", name};
  };
  const AppliedConfigs applied{{key("same"), "1"}, {key("changed"), "1"}, {key("gone"), "1"}};
  const ConfigChanges changes = reconcile(
      applied,
      {loaded(config("same", "1")), loaded(config("changed", "2")), loaded(config("new", "1"))});
  std::vector<std::string> names;
  for (const auto& each : changes.apply) names.push_back(each.object->metadata.name);
  EXPECT_THAT(names, ElementsAre("changed", "new"));
  EXPECT_THAT(changes.remove, ElementsAre(key("gone")));
}

TEST(ReconcileConfigs, AnImmutableOneMayNotBecomeAnother) {
  EXPECT_EQ(refusal_of_change(config("a", "1"), config("a", "2", true)), "");
  EXPECT_EQ(refusal_of_change(config("a", "1", true), config("a", "2", true)),
            "data: Forbidden: field is immutable when `immutable` is set");
  EXPECT_THAT(refusal_of_change(config("a", "1", true), config("a", "1", false)),
              HasSubstr("immutable: Forbidden"));
  ConfigObject labelled = config("a", "1", true);
  labelled.metadata.labels = {{"app", "web"}};
  EXPECT_EQ(refusal_of_change(config("a", "1", true), labelled), "");
}

TEST(ReconcileConfigs, ASecretsTypeStays) {
  ConfigObject opaque = config("a", "1");
  opaque.type = "Opaque";
  ConfigObject tls = opaque;
  tls.type = "kubernetes.io/tls";
  EXPECT_THAT(refusal_of_change(opaque, tls), HasSubstr("type: Invalid value"));
}

TEST(IdleObjects, AreNamedInOneWarning) {
  LoadResult result;
  EXPECT_FALSE(idle_objects(result));
  Deployment deployment;
  deployment.metadata.name = "web";
  result.deployments = {{std::make_shared<const Deployment>(deployment), {"a.yaml", 3, 9}}};
  const auto warning = idle_objects(result);
  ASSERT_TRUE(warning);
  EXPECT_EQ(to_string(*warning),
            "a.yaml:3:9: warning: checked and kept, but podvisor does not act on them yet: "
            "Deployment default/web");
  Service service;  // these it acts on
  service.metadata.name = "front";
  LoadResult services;
  services.services = {{std::make_shared<const Service>(service), {"b.yaml", 1, 1}}};
  EXPECT_FALSE(idle_objects(services));
}

}  // namespace
}  // namespace podvisor
