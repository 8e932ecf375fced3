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

TEST(ReconcileDeployments, ANewDocumentIsAppliedAndWhatIsNotThereAnyMoreGoes) {
  Deployment web;
  web.metadata.name = "web";
  web.document = "2";
  const AppliedDeployments applied{{{"default", "web"}, "1"}, {{"default", "old"}, "1"}};
  const DeploymentChanges changes =
      reconcile(applied, {{std::make_shared<const Deployment>(web), {"a.yaml", 1, 1}}});
  EXPECT_EQ(changes.apply.size(), 1U);
  EXPECT_THAT(changes.remove, testing::ElementsAre(PodName{"default", "old"}));
}

TEST(ReconcileDeployments, OnTheHostsNetworkThereIsOnePodAtATime) {
  Deployment web;
  web.pod.spec.host_network = true;
  web.pod.spec.containers.resize(1);
  EXPECT_EQ(refusal_of_neighbours(web), "");
  web.pod.spec.containers[0].ports.push_back({.name = "http", .container_port = 80});
  EXPECT_THAT(refusal_of_neighbours(web), HasSubstr("share its ports"));
  web.strategy.recreate = true;
  EXPECT_EQ(refusal_of_neighbours(web), "");
  web.replicas = 2;
  EXPECT_THAT(refusal_of_neighbours(web), HasSubstr("one at a time"));
  web.pod.spec.host_network = false;
  EXPECT_EQ(refusal_of_neighbours(web), "");
}

TEST(ReconcileDeployments, TheSelectorStays) {
  Deployment old;
  old.selector.match_labels = {{"app", "web"}};
  Deployment fresh = old;
  EXPECT_EQ(refusal_of_change(old, fresh), "");
  fresh.selector.match_labels = {{"app", "shop"}};
  EXPECT_EQ(refusal_of_change(old, fresh), "spec.selector: Invalid value: field is immutable");
}

}  // namespace
}  // namespace podvisor
