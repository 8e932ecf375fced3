#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "podvisor/config_use.h"
#include "podvisor/object_store.h"

namespace podvisor {
namespace {

using testing::ElementsAre;

constexpr WallTime kSet{std::chrono::seconds(1'700'000'000)};

ConfigObject config(const std::string& name, const std::string& value,
                    ConfigKind kind = ConfigKind::ConfigMap) {
  ConfigObject object;
  object.kind = kind;
  object.metadata.name = name;
  object.data = {{"key", value}};
  return object;
}

TEST(ConfigStore, EveryChangeHasAVersionAndIsTold) {
  ObjectStore store;
  std::vector<std::string> seen;
  store.watch_configs([&](ChangeType type, const ConfigEntry& entry) {
    seen.push_back(std::to_string(static_cast<int>(type)) + " " + entry.object.metadata.name + " " +
                   entry.object.data.at("key") + " " + std::to_string(entry.resource_version));
  });
  store.set_config(config("a", "1"), kSet);
  store.set_config(config("a", "2"), kSet + std::chrono::seconds(5));
  store.remove_config(ConfigKind::Secret, "default", "a");
  store.remove_config(ConfigKind::ConfigMap, "default", "a");
  EXPECT_THAT(seen, ElementsAre("0 a 1 1", "1 a 2 2", "2 a 2 3"));
  EXPECT_EQ(store.find_config(ConfigKind::ConfigMap, "default", "a"), nullptr);
}

TEST(ConfigStore, AChangedObjectKeepsItsIdentityAndAge) {
  ObjectStore store;
  store.set_config(config("a", "1"), kSet);
  const std::string uid = store.find_config(ConfigKind::ConfigMap, "default", "a")->metadata.uid;
  EXPECT_FALSE(uid.empty());
  store.set_config(config("a", "2"), kSet + std::chrono::seconds(5));
  const ConfigEntry* entry = store.find_config_entry(ConfigKind::ConfigMap, "default", "a");
  EXPECT_EQ(entry->object.metadata.uid, uid);
  EXPECT_EQ(entry->creation_timestamp, kSet);
  EXPECT_EQ(entry->created_version, 1U);
  EXPECT_EQ(entry->object.data.at("key"), "2");
}

TEST(ConfigStore, AConfigMapAndASecretOfOneNameAreTwo) {
  ObjectStore store;
  store.set_config(config("a", "map"));
  store.set_config(config("a", "secret", ConfigKind::Secret));
  EXPECT_EQ(store.find_config(ConfigKind::ConfigMap, "default", "a")->data.at("key"), "map");
  EXPECT_EQ(store.find_config(ConfigKind::Secret, "default", "a")->data.at("key"), "secret");
  EXPECT_EQ(store.find_config(ConfigKind::Secret, "other", "a"), nullptr);
}

TEST(ConfigStore, VOL8_APodMountsWhatItsVolumesName) {
  Pod pod;
  ProjectedVolume volume;
  volume.sources = {ConfigFiles{ConfigKind::Secret, "keys", {}, false}};
  pod.spec.volumes = {{"files", volume}, {"scratch", EmptyDirVolume{}}};
  EXPECT_TRUE(mounts_config(pod, ConfigKind::Secret, "keys"));
  EXPECT_FALSE(mounts_config(pod, ConfigKind::ConfigMap, "keys"));
  EXPECT_FALSE(mounts_config(pod, ConfigKind::Secret, "other"));
}

TEST(ConfigStore, APodIsMadeOfItsEnvironmentAndItsSubPaths) {
  const auto is_made = [](auto change) {
    Pod pod;
    ProjectedVolume volume;
    volume.sources = {ConfigFiles{ConfigKind::ConfigMap, "a", {}, false}};
    pod.spec.volumes = {{"files", volume}};
    pod.spec.containers.resize(1);
    pod.spec.containers[0].volume_mounts = {{"files", "/etc/a"}};
    change(pod.spec, pod.spec.containers[0]);
    return is_made_of(pod, ConfigKind::ConfigMap, "a");
  };
  EXPECT_FALSE(is_made([](PodSpec&, Container&) {})) << "its files are written anew";
  EXPECT_TRUE(
      is_made([](PodSpec& spec, Container&) { spec.policy.rollout.on_mounted_config = true; }));
  EXPECT_TRUE(is_made([](PodSpec&, Container& c) { c.volume_mounts[0].sub_path = "key"; }));
  EXPECT_TRUE(is_made([](PodSpec&, Container& c) { c.env_from.push_back({.name = "a"}); }));
  EXPECT_FALSE(is_made([](PodSpec&, Container& c) {
    c.env_from.push_back({.kind = ConfigKind::Secret, .name = "a"});
  }));
  EXPECT_TRUE(is_made([](PodSpec&, Container& c) {
    c.env.push_back({"A", "", ConfigKeySelector{ConfigKind::ConfigMap, "a", "key"}});
  }));
  EXPECT_FALSE(is_made([](PodSpec& spec, Container& c) {
    c.env_from.push_back({.name = "a"});
    spec.restart_policy = RestartPolicy::Never;
  })) << "a job is not run twice for that";
}

}  // namespace
}  // namespace podvisor
