#include "runtime/process_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podvisor {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

ProcessHost host_of(uid_t uid) {
  ProcessHost host;
  host.uid = uid;
  host.may_set_ids = uid == 0;
  host.node.name = "node-1";
  host.node.memory_bytes = std::int64_t{1000} << 20;
  host.find_user = [](uid_t wanted) -> std::optional<UserRecord> {
    if (wanted == 0) return UserRecord{"root", "/root", 0, {}};
    if (wanted == 33) return UserRecord{"www", "/srv", 44, {4, 7}};
    return std::nullopt;
  };
  return host;
}

Pod one_container(std::vector<std::string> command, std::vector<EnvVar> env = {}) {
  Pod pod;
  pod.metadata.name = "web";
  pod.metadata.uid = "u1";
  pod.spec.hostname = "web";
  Container container;
  container.name = "main";
  container.command = std::move(command);
  container.env = std::move(env);
  pod.spec.containers = {container};
  return pod;
}

ProcessSpec spec_of(const Pod& pod, uid_t own_uid = 0) {
  auto spec = make_process_spec(pod, 0, host_of(own_uid));
  EXPECT_TRUE(spec.has_value()) << spec.error().message;
  return spec.value_or(ProcessSpec{});
}

TEST(ProcessSpec, ENV9_HostnameAndDefaultsComeFirstAndCanBeOverridden) {
  EXPECT_THAT(spec_of(one_container({"true"})).env,
              UnorderedElementsAre("HOSTNAME=web", "HOME=/root", kPath));
  EXPECT_THAT(
      spec_of(one_container({"true"}, {{"HOSTNAME", "mine"}, {"PATH", "/p"}, {"HOME", ""}})).env,
      UnorderedElementsAre("HOSTNAME=mine", "HOME=", "PATH=/p"));
}

TEST(ProcessSpec, ENV10_WhoeverSetsAVariableItStandsThereOnceInWhateverOrder) {
  EXPECT_THAT(spec_of(one_container({"true"}, {{"A", "1"}, {"HOME", "/"}, {"A", "2"}})).env,
              UnorderedElementsAre("A=2", "HOME=/", "HOSTNAME=web", kPath));
}

TEST(ProcessSpec, ENV9_OnTheHostsNetworkTheHostsNameCounts) {
  Pod pod = one_container({"true"});
  pod.spec.network = NetworkMode::Host;
  EXPECT_THAT(spec_of(pod).env, Contains("HOSTNAME=node-1"));
}

TEST(ProcessSpec, ENV9_TheNameThatUnameSaysCounts) {
  const auto spec =
      make_process_spec(one_container({"true"}), 0, host_of(0), {nullptr, "", "web.db.shop.svc"});
  ASSERT_TRUE(spec);
  EXPECT_THAT(spec->env, Contains("HOSTNAME=web.db.shop.svc"));
}

TEST(ProcessSpec, ENV7_AVariableThatCannotBeHadIsAConfigError) {
  Pod pod = one_container({"true"});
  pod.spec.containers[0].env_from = {{"", ConfigKind::Secret, "none", false}};
  const auto spec = make_process_spec(pod, 0, host_of(0));
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().message, "secret \"none\" not found");
}

TEST(ProcessSpec, ENV11_ValuesFromElsewhereReachTheCommand) {
  Pod pod =
      one_container({"echo", "$(NAME)"}, {{"NAME", "", ObjectFieldSelector{"metadata.name"}}});
  EXPECT_THAT(spec_of(pod).argv, ElementsAre("echo", "web"));
}

TEST(ProcessSpec, ENV4_AReferenceToALaterVariableStaysLiteral) {
  EXPECT_THAT(spec_of(one_container({"true"}, {{"A", "$(B)"}, {"B", "$(C)$(A)"}, {"C", "c"}})).env,
              ::testing::IsSupersetOf({"A=$(B)", "B=$(C)$(B)", "C=c"}));
}

TEST(ProcessSpec, ENV1_TheLaterOfTwoWins) {
  const ProcessSpec spec = spec_of(one_container({"true"}, {{"A", "1"}, {"A", "$(A)2"}}));
  EXPECT_THAT(spec.env, Contains("A=12"));
  EXPECT_THAT(spec.env, ::testing::Not(Contains("A=1")));
}

TEST(ProcessSpec, ENV3_NamesOfAnyShapePass) {
  EXPECT_THAT(spec_of(one_container({"true"}, {{"1.a-b", "x"}})).env, Contains("1.a-b=x"));
}

TEST(ProcessSpec, ENV11_CommandAndArgsSeeTheCompleteEnvironment) {
  Pod pod = one_container({"/bin/$(TOOL)"}, {{"TOOL", "echo"}});
  pod.spec.containers[0].args = {"$(HOSTNAME)", "$$(TOOL)", "$(NOPE)"};
  EXPECT_THAT(spec_of(pod).argv, ElementsAre("/bin/echo", "web", "$(TOOL)", "$(NOPE)"));
}

TEST(ProcessSpec, WithoutACommandThereIsNothingToRun) {
  const auto spec = make_process_spec(one_container({}), 0, host_of(0));
  ASSERT_FALSE(spec.has_value());
  EXPECT_THAT(spec.error().message, HasSubstr("container: main"));
  EXPECT_FALSE(make_process_spec(one_container({"$(EMPTY)"}, {{"EMPTY", ""}}), 0, host_of(0)));
}

TEST(ProcessSpec, TheWorkingDirectoryIsTheRootUnlessGiven) {
  Pod pod = one_container({"true"});
  EXPECT_EQ(spec_of(pod).working_directory, "/");
  pod.spec.containers[0].working_dir = "/srv";
  EXPECT_EQ(spec_of(pod).working_directory, "/srv");
}

TEST(ProcessSpec, SEC2_RootWithoutCapabilitiesStaysWhoItIs) {
  ProcessHost host = host_of(0);
  host.may_set_ids = false;
  const auto spec = make_process_spec(one_container({"true"}), 0, host);
  ASSERT_TRUE(spec);
  EXPECT_FALSE(spec->uid || spec->gid || spec->groups);
}

TEST(ProcessSpec, SEC2_TheGroupIsTheUsersUnlessGiven) {
  Pod pod = one_container({"true"});
  SecurityContext& context = pod.spec.containers[0].security_context;
  EXPECT_EQ(spec_of(pod).uid, 0U);
  context.run_as_user = 33;
  EXPECT_EQ(spec_of(pod).uid, 33U);
  EXPECT_EQ(spec_of(pod).gid, 44U);
  context.run_as_user = 999;
  EXPECT_EQ(spec_of(pod).gid, 0U);
  context.run_as_group = 5;
  EXPECT_EQ(spec_of(pod).gid, 5U);
}

TEST(ProcessSpec, SEC4_SupplementaryGroupsAreMergedWithTheUsers) {
  Pod pod = one_container({"true"});
  SecurityContext& context = pod.spec.containers[0].security_context;
  context.run_as_user = 33;
  context.supplemental_groups = {7, 2};
  EXPECT_THAT(*spec_of(pod).groups, ElementsAre(2, 4, 7));
}

TEST(ProcessSpec, SEC4_FsGroupIsAmongThemAndStrictLeavesTheUsersOut) {
  Pod pod = one_container({"true"});
  SecurityContext& context = pod.spec.containers[0].security_context;
  context.run_as_user = 33;
  context.supplemental_groups = {7, 2};
  pod.spec.fs_group = 2000;
  EXPECT_THAT(*spec_of(pod).groups, ElementsAre(2, 4, 7, 2000));
  context.strict_supplemental_groups = true;
  EXPECT_THAT(*spec_of(pod).groups, ElementsAre(2, 7, 2000));
  EXPECT_THAT(*spec_of(pod, 33).groups, ElementsAre(2, 7, 2000));
}

TEST(ProcessSpec, WithoutRootNothingIsChangedThatWasNotAskedFor) {
  Pod pod = one_container({"true"});
  const ProcessSpec spec = spec_of(pod, 1000);
  EXPECT_FALSE(spec.uid || spec.gid || spec.groups);
  pod.spec.containers[0].security_context.run_as_user = 1000;
  EXPECT_FALSE(spec_of(pod, 1000).uid);
  pod.spec.containers[0].security_context.run_as_user = 33;
  EXPECT_EQ(spec_of(pod, 1000).uid, 33U);
}

TEST(ProcessSpec, SEC3_RootIsRefusedWhereNonRootIsAskedFor) {
  Pod pod = one_container({"true"});
  SecurityContext& context = pod.spec.containers[0].security_context;
  context.run_as_non_root = true;
  EXPECT_FALSE(make_process_spec(pod, 0, host_of(0)));
  EXPECT_TRUE(make_process_spec(pod, 0, host_of(1000)));
  context.run_as_user = 0;
  const auto refused = make_process_spec(pod, 0, host_of(0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "container's runAsUser breaks non-root policy (pod: \"web_default(u1)\", "
            "container: main)");
  context.run_as_user = 33;
  EXPECT_TRUE(make_process_spec(pod, 0, host_of(0)));
}

TEST(ProcessSpec, RES6_OomScoreFollowsTheQosClass) {
  constexpr std::int64_t kCapacity = 1000;
  Pod pod = one_container({"true"});
  Container& container = pod.spec.containers[0];
  EXPECT_EQ(oom_score_adj(pod.spec, 0, kCapacity), 1000);
  container.resources.memory_request = 250;
  EXPECT_EQ(oom_score_adj(pod.spec, 0, kCapacity), 750);
  container.resources.memory_request = 1;
  EXPECT_EQ(oom_score_adj(pod.spec, 0, kCapacity), 999);
  container.resources.memory_request = 1000;
  EXPECT_EQ(oom_score_adj(pod.spec, 0, kCapacity), 3);
  container.resources.memory_limit = 1000;
  container.resources.cpu_limit = container.resources.cpu_request = 100;
  EXPECT_EQ(oom_score_adj(pod.spec, 0, kCapacity), -997);
}

TEST(ProcessSpec, RES6_ASidecarIsAsSafeAsTheSafestRegularContainer) {
  Pod pod = one_container({"true"});
  Container sidecar = pod.spec.containers[0];
  sidecar.role = ContainerRole::Sidecar;
  sidecar.resources.memory_request = 100;
  pod.spec.containers.push_back(sidecar);
  pod.spec.containers[0].resources.memory_request = 600;
  EXPECT_EQ(oom_score_adj(pod.spec, 1, 1000), 400);
  pod.spec.containers[0].resources.memory_request = 50;
  EXPECT_EQ(oom_score_adj(pod.spec, 1, 1000), 900);
}

/// What an image says, and what of it the manifest leaves.
struct ImageCase {
  std::vector<std::string> command, args;
  std::vector<std::string> expected;
};

TEST(ProcessSpecOfAnImage, ENV11_CommandReplacesBothWordsOfTheImageAndArgsTheSecond) {
  ImageConfig image;
  image.entrypoint = {"/entry", "$(HOME)"};
  image.cmd = {"cmd"};
  const ImageUser user;
  for (const ImageCase& each :
       {ImageCase{{}, {}, {"/entry", "$(HOME)", "cmd"}}, ImageCase{{"own"}, {}, {"own"}},
        ImageCase{{}, {"arg"}, {"/entry", "$(HOME)", "arg"}},
        ImageCase{{"own"}, {"arg"}, {"own", "arg"}}}) {
    Pod pod = one_container(each.command);
    pod.spec.containers[0].args = each.args;
    PodFacts facts;
    facts.image = &image;
    facts.image_user = &user;
    const auto spec = make_process_spec(pod, 0, host_of(0), facts);
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->argv, each.expected);
  }
}

TEST(ProcessSpecOfAnImage, ENV1_ItsEnvironmentDirectoryAndUserUnlessTheManifestSaysMore) {
  ImageConfig image;
  image.entrypoint = {"/entry"};
  image.env = {"PATH=/app", "MODE=image", "no-variable"};
  image.working_dir = "/app";
  const ImageUser user{1000, 50, false, "/home/app", {7}};
  PodFacts facts;
  facts.image = &image;
  facts.image_user = &user;
  Pod pod = one_container({}, {{"MODE", "manifest"}});
  const auto spec = make_process_spec(pod, 0, host_of(0), facts);
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_THAT(spec->env,
              UnorderedElementsAre("HOSTNAME=web", "HOME=/home/app", "PATH=/app", "MODE=manifest"));
  EXPECT_EQ(spec->working_directory, "/app");
  EXPECT_EQ(spec->uid, 1000U);
  EXPECT_EQ(spec->gid, 50U);
  EXPECT_THAT(*spec->groups, ElementsAre(7));
}

TEST(ProcessSpecOfAnImage, SEC3_RunAsNonRootBelievesNumbersAlone) {
  ImageConfig image;
  image.entrypoint = {"/entry"};
  image.user = "app";
  ImageUser user{1000, 50, false, "/", {}};
  PodFacts facts;
  facts.image = &image;
  facts.image_user = &user;
  Pod pod = one_container({});
  pod.spec.containers[0].security_context.run_as_non_root = true;
  const auto named = make_process_spec(pod, 0, host_of(0), facts);
  ASSERT_FALSE(named);
  EXPECT_THAT(named.error().message, HasSubstr("image has non-numeric user (app)"));
  user.numeric = true;
  EXPECT_TRUE(make_process_spec(pod, 0, host_of(0), facts));
  user.uid = 0;
  const auto root = make_process_spec(pod, 0, host_of(0), facts);
  ASSERT_FALSE(root);
  EXPECT_THAT(root.error().message, HasSubstr("image will run as root"));
}

}  // namespace
}  // namespace podvisor
