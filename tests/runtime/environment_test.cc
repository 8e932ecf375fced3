#include "runtime/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

namespace podvisor {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class Configs final : public ConfigSource {
 public:
  void add(ConfigKind kind, const std::string& name, std::map<std::string, std::string> data) {
    ConfigObject object;
    object.kind = kind;
    object.metadata.name = name;
    object.metadata.namespace_ = "shop";
    object.data = std::move(data);
    objects_[{kind, "shop", name}] = std::move(object);
  }
  [[nodiscard]] const ConfigObject* find_config(ConfigKind kind, const std::string& namespace_,
                                                const std::string& name) const override {
    const auto found = objects_.find({kind, namespace_, name});
    return found == objects_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::tuple<ConfigKind, std::string, std::string>, ConfigObject> objects_;
};

class EnvironmentTest : public testing::Test {
 protected:
  EnvironmentTest() {
    pod_.metadata = {"web", "shop", "u-1", {{"app", "web"}}, {}};
    container_.name = "main";
    container_.resources.memory_limit = 3 << 20;
    configs_.add(ConfigKind::ConfigMap, "settings", {{"COLOR", "blue"}, {"1.x", "odd"}});
    configs_.add(ConfigKind::ConfigMap, "more", {{"COLOR", "red"}});
    configs_.add(ConfigKind::Secret, "login", {{"PASSWORD", "p$(COLOR)"}});
    node_.name = "node-1";
    node_.cpu_millis = 4000;
    node_.addresses = [] { return std::vector<std::string>{"192.0.2.9"}; };
  }

  void from(ConfigKind kind, const std::string& name, const std::string& prefix = "",
            bool optional = false) {
    container_.env_from.push_back({prefix, kind, name, optional});
  }
  void set(const std::string& name, const std::string& value) {
    container_.env.push_back({name, value, {}});
  }
  template <typename Source>
  void set_from(const std::string& name, Source source) {
    container_.env.push_back({name, "", std::move(source)});
  }

  Result<Environment> make() {
    return manifest_environment(pod_, container_, {node_, &configs_, "10.88.0.7"});
  }
  Environment environment() {
    auto made = make();
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(Environment{});
  }
  std::string error() {
    const auto made = make();
    return made ? "" : made.error().message;
  }

  Pod pod_;
  Container container_;
  Configs configs_;
  NodeFacts node_;
};

constexpr ConfigKind kMap = ConfigKind::ConfigMap;
constexpr ConfigKind kSecret = ConfigKind::Secret;

TEST_F(EnvironmentTest, ENV2_EveryKeyIsAVariableAndLaterSourcesWin) {
  from(kMap, "settings");
  from(kMap, "more");
  from(kSecret, "login", "DB_");
  EXPECT_THAT(environment(), ElementsAre(Pair("1.x", "odd"), Pair("COLOR", "red"),
                                         Pair("DB_PASSWORD", "p$(COLOR)")));
}

TEST_F(EnvironmentTest, ENV3_KeysOfAnyShapePassWithTheirPrefix) {
  from(kMap, "settings", "2-");
  EXPECT_THAT(environment(), UnorderedElementsAre(Pair("2-1.x", "odd"), Pair("2-COLOR", "blue")));
}

TEST_F(EnvironmentTest, ENV2_AMissingSourceIsAnErrorUnlessOptional) {
  from(kMap, "none", "", true);
  from(kSecret, "none", "", true);
  EXPECT_THAT(environment(), IsEmpty());
  from(kSecret, "none");
  EXPECT_EQ(error(), "secret \"none\" not found");
  container_.env_from = {{"", kMap, "login", false}};
  EXPECT_EQ(error(), "configmap \"login\" not found") << "a Secret is no ConfigMap";
}

TEST_F(EnvironmentTest, ENV1_EnvWinsOverEnvFromAndLaterOverEarlier) {
  from(kMap, "settings");
  set("COLOR", "$(COLOR)ish");
  set("COLOR", "very $(COLOR)");
  EXPECT_EQ(environment()["COLOR"], "very blueish");
}

TEST_F(EnvironmentTest, ENV4_OnlyWhatCameBeforeIsKnown) {
  from(kMap, "settings");
  set("A", "$(B) $(COLOR)");
  set("B", "$(A)");
  EXPECT_EQ(environment()["A"], "$(B) blue");
  EXPECT_EQ(environment()["B"], "$(B) blue");
}

TEST_F(EnvironmentTest, ENV5_ValuesFromElsewhereAreNeverExpanded) {
  set("COLOR", "green");
  set_from("PASSWORD", ConfigKeySelector{kSecret, "login", "PASSWORD", false});
  set("COPY", "$(PASSWORD)");
  EXPECT_EQ(environment()["PASSWORD"], "p$(COLOR)");
  EXPECT_EQ(environment()["COPY"], "p$(COLOR)");
}

TEST_F(EnvironmentTest, ENV6_AnOptionalKeyThatIsMissingSetsNothing) {
  from(kMap, "settings");
  set_from("COLOR", ConfigKeySelector{kMap, "settings", "NONE", true});
  set_from("OTHER", ConfigKeySelector{kSecret, "none", "x", true});
  EXPECT_EQ(environment()["COLOR"], "blue") << "it overwrote what envFrom had set";
  EXPECT_FALSE(environment().contains("OTHER"));
}

TEST_F(EnvironmentTest, ENV7_WhatIsMissingIsNamedAsKubernetesNamesIt) {
  set_from("X", ConfigKeySelector{kMap, "settings", "K", false});
  EXPECT_EQ(error(), "couldn't find key K in ConfigMap shop/settings");
  container_.env = {{"X", "", ConfigKeySelector{kSecret, "login", "K", false}}};
  EXPECT_EQ(error(), "couldn't find key K in Secret shop/login");
  container_.env = {{"X", "", ConfigKeySelector{kMap, "none", "K", false}}};
  EXPECT_EQ(error(), "configmap \"none\" not found");
}

TEST_F(EnvironmentTest, ENV7_BytesThatNoVariableCanHoldAreRefusedWithoutShowingThem) {
  const std::string binary("top\0secret", 10);
  configs_.add(kSecret, "key", {{"K", binary}});
  set_from("X", ConfigKeySelector{kSecret, "key", "K", false});
  EXPECT_EQ(error(),
            "the value of key K in Secret shop/key has a NUL byte in it, which no environment "
            "variable can hold; mount it as a file");
  container_.env.clear();
  from(kSecret, "key");
  EXPECT_NE(error(), "");
}

TEST_F(EnvironmentTest, ENV2_AConfigMapsBinaryDataIsForFiles) {
  configs_.add(kMap, "mixed", {{"A", "a"}, {"ICON", std::string("\0png", 4)}});
  from(kMap, "mixed");
  EXPECT_THAT(environment(), ElementsAre(Pair("A", "a")));
}

TEST_F(EnvironmentTest, DWN2_FieldsOfThePodAndItsNode) {
  const std::pair<const char*, const char*> cases[] = {{"metadata.name", "web"},
                                                       {"metadata.namespace", "shop"},
                                                       {"metadata.uid", "u-1"},
                                                       {"metadata.labels['app']", "web"},
                                                       {"metadata.annotations['none']", ""},
                                                       {"spec.nodeName", "node-1"},
                                                       {"spec.serviceAccountName", ""},
                                                       {"status.hostIP", "192.0.2.9"},
                                                       {"status.hostIPs", "192.0.2.9"},
                                                       {"status.podIP", "10.88.0.7"},
                                                       {"status.podIPs", "10.88.0.7"}};
  for (const auto& [path, value] : cases) {
    container_.env = {{"X", "", ObjectFieldSelector{path}}};
    EXPECT_EQ(environment()["X"], value) << path;
  }
}

TEST_F(EnvironmentTest, DWN4_ResourcesOfTheContainerItself) {
  set_from("MEMORY", ResourceFieldSelector{"", "limits.memory", "1Mi"});
  set_from("CPUS", ResourceFieldSelector{"", "limits.cpu", ""});
  EXPECT_THAT(environment(), ElementsAre(Pair("CPUS", "4"), Pair("MEMORY", "3")));
}

TEST_F(EnvironmentTest, ENV8_NothingComesFromServicesOrFromPodvisorItself) {
  EXPECT_THAT(environment(), IsEmpty());
}

}  // namespace
}  // namespace podvisor
