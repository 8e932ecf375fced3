#include "loading.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

std::string annotated(const std::string& annotation, const std::string& spec = "") {
  return pod_text("", spec, "annotations:\n  " + annotation) +
         "    - name: helper\n      command: [a]\n";
}

constexpr const char* kInit =
    "initContainers: [{name: setup, command: [a]}, {name: proxy, command: [a], restartPolicy: "
    "Always}]";

TEST(Annotations, DIF2_1_TheMainContainerIsTheFirstOrTheOneNamed) {
  EXPECT_EQ(load_one(annotated("a: b", kInit)).spec.policy.main_container, 2U);
  const std::string name = "kubectl.kubernetes.io/default-container: ";
  EXPECT_EQ(load_one(annotated(name + "helper", kInit)).spec.policy.main_container, 3U);
  EXPECT_THAT(messages_of(annotated(name + "nobody")),
              HasSubstr("pod.yaml:6:46: metadata.annotations[kubectl.kubernetes.io/"
                        "default-container]: Not found: \"nobody\": must be the name of"));
  EXPECT_THAT(messages_of(annotated(name + "proxy", kInit)),
              HasSubstr("Invalid value: \"proxy\": is an init container"));
}

TEST(Annotations, DIF2_1_RestartScope) {
  const std::string name = "podvisor.io/restart-scope: ";
  const auto scope = [](const std::string& text) {
    return load_one(text).spec.policy.restart_scope;
  };
  EXPECT_EQ(scope(pod_text()), RestartScope::Sidecars);
  EXPECT_EQ(scope(annotated(name + "sidecars")), RestartScope::Sidecars);
  EXPECT_EQ(scope(annotated(name + "all")), RestartScope::All);
  EXPECT_EQ(scope(annotated(name + "container")), RestartScope::Container);
  EXPECT_THAT(messages_of(annotated(name + "pod")),
              HasSubstr("metadata.annotations[podvisor.io/restart-scope]: Unsupported value: "
                        "\"pod\": supported values: \"all\", \"container\", \"sidecars\""));
}

TEST(Annotations, DIF2_1_Noncritical) {
  const std::string name = "podvisor.io/noncritical: ";
  EXPECT_EQ(load_one(annotated(name + "\"helper, proxy\"", kInit)).spec.policy.noncritical,
            (std::set<std::string>{"helper", "proxy"}));
  EXPECT_THAT(messages_of(annotated(name + "helper,nobody")),
              HasSubstr("metadata.annotations[podvisor.io/noncritical]: Not found: \"nobody\""));
  EXPECT_THAT(messages_of(annotated(name + "main")), HasSubstr("is the main container"));
  EXPECT_THAT(messages_of(annotated(name + "setup", kInit)), HasSubstr("is an init container"));
}

TEST(Annotations, DIF1_2_HttpSuccess) {
  const std::string name = "podvisor.io/http-success: ";
  EXPECT_EQ(load_one(pod_text()).spec.policy.http_success_max, 200);
  EXPECT_EQ(load_one(annotated(name + "\"200\"")).spec.policy.http_success_max, 200);
  EXPECT_EQ(load_one(annotated(name + "200-399")).spec.policy.http_success_max, 399);
  EXPECT_EQ(load_one(annotated(name + "200-399")).spec.policy.http_success_min, 200);
  EXPECT_THAT(messages_of(annotated(name + "200")), HasSubstr("put it in quotes: \"200\""));
  EXPECT_THAT(messages_of(annotated(name + "2xx")),
              HasSubstr("Unsupported value: \"2xx\": supported values: \"200\", \"200-399\""));
}

TEST(Annotations, DIF2_5_Replace) {
  const std::string name = "podvisor.io/replace: ";
  EXPECT_EQ(messages_of(annotated(name + "Recreate")), "");
  EXPECT_EQ(messages_of(annotated(name + "Surge")), "");
  EXPECT_THAT(messages_of(annotated(name + "Never")), HasSubstr("\"Recreate\", \"Surge\""));
}

TEST(Annotations, FastReady) {
  const std::string name = "podvisor.io/fast-ready: ";
  EXPECT_FALSE(load_one(pod_text()).spec.policy.fast_ready);
  EXPECT_FALSE(load_one(annotated(name + "\"false\"")).spec.policy.fast_ready);
  EXPECT_TRUE(load_one(annotated(name + "\"true\"")).spec.policy.fast_ready);
  EXPECT_THAT(messages_of(annotated(name + "true")), HasSubstr("put it in quotes: \"true\""));
  EXPECT_THAT(messages_of(annotated(name + "\"yes\"")),
              HasSubstr("Unsupported value: \"yes\": supported values: \"false\", \"true\""));
}

TEST(Annotations, NetworkChoosesTheMode) {
  const std::string name = "podvisor.io/network: ";
  EXPECT_EQ(load_one(annotated(name + "none")).spec.network, NetworkMode::None);
  EXPECT_EQ(
      load_one(annotated(name + "bridge"), {.default_network = NetworkMode::None}).spec.network,
      NetworkMode::Bridge);
  const PodSpec joined = load_one(annotated(name + "ns:/run/netns/a")).spec;
  EXPECT_EQ(joined.network, NetworkMode::Join);
  EXPECT_EQ(joined.network_path, "/run/netns/a");
  EXPECT_EQ(load_one(pod_text("", "hostNetwork: true")).spec.network, NetworkMode::Host);
  EXPECT_TRUE(load_one(pod_text("", "hostNetwork: true")).spec.host_network);
  for (const char* bad : {"host", "\"ns:\"", "ns:relative", "ns:/"}) {
    EXPECT_THAT(messages_of(annotated(name + bad)), HasSubstr("Unsupported value")) << bad;
  }
  EXPECT_THAT(messages_of(annotated(name + "none", "hostNetwork: true")),
              HasSubstr("Forbidden: may not be set together with spec.hostNetwork: true"));
}

TEST(Annotations, UnknownOnesOfPodvisorAreErrors) {
  EXPECT_THAT(messages_of(annotated("podvisor.io/restart-scop: all")),
              HasSubstr("metadata.annotations[podvisor.io/restart-scop]: unknown annotation of "
                        "podvisor.io: \"podvisor.io/restart-scop\"; did you mean "
                        "podvisor.io/restart-scope?"));
  EXPECT_EQ(messages_of(annotated("example.com/restart-scop: all")), "");
}

TEST(Annotations, DIF3_HowTrafficGoesToThePod) {
  const DoorPolicy unset = load_one(pod_text()).spec.policy.door;
  EXPECT_EQ(unset.mode, DoorPolicy::Mode::ByPort);
  EXPECT_EQ(unset.hold_timeout, std::chrono::seconds(30));
  EXPECT_EQ(unset.drain_timeout, std::chrono::seconds(30));
  const DoorPolicy given =
      load_one(annotated("podvisor.io/door: tcp\n  podvisor.io/hold-timeout: 5s\n  "
                         "podvisor.io/drain-timeout: 1m\n  podvisor.io/readyz-delay: 500ms\n  "
                         "podvisor.io/forwarded-headers: \"true\""))
          .spec.policy.door;
  EXPECT_EQ(given.mode, DoorPolicy::Mode::Tcp);
  EXPECT_FALSE(unset.forwarded_headers);
  EXPECT_TRUE(given.forwarded_headers);
  EXPECT_EQ(given.hold_timeout, std::chrono::seconds(5));
  EXPECT_EQ(given.drain_timeout, std::chrono::minutes(1));
  EXPECT_EQ(given.readyz_delay, std::chrono::milliseconds(500));
  EXPECT_THAT(messages_of(annotated("podvisor.io/door: h2")),
              HasSubstr("supported values: \"http\", \"off\", \"tcp\""));
  EXPECT_THAT(messages_of(annotated("podvisor.io/hold-timeout: long")),
              HasSubstr("must be a duration"));
}

TEST(Annotations, OPN5_ADrainMayTakeAsLongAsTheGracePeriodOrThirtySeconds) {
  const auto limit = [](const std::string& grace, const std::string& drain = "a: b") {
    return load_one(annotated(drain, "terminationGracePeriodSeconds: " + grace))
        .spec.policy.door.drain_timeout;
  };
  EXPECT_EQ(limit("5"), std::chrono::seconds(30));
  EXPECT_EQ(limit("600"), std::chrono::seconds(600));
  EXPECT_EQ(limit("600", "podvisor.io/drain-timeout: 2s"), std::chrono::seconds(2));
}

TEST(Annotations, DIF3_OfAService) {
  const auto service = [](const std::string& annotation) {
    return "apiVersion: v1\nkind: Service\nmetadata:\n  name: shop\n  annotations: {" + annotation +
           "}\nspec: {ports: [{port: 80}]}\n";
  };
  const LoadResult loaded = load_text(
      service("podvisor.io/door: http, podvisor.io/forwarded-headers: \"true\""), "a.yaml", {});
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(loaded.services.at(0).object->door.forwarded_headers);
  EXPECT_EQ(loaded.services.at(0).object->door.mode, DoorPolicy::Mode::Http);
  EXPECT_THAT(messages_of(service("podvisor.io/door: udp")), HasSubstr("Unsupported value"));
  EXPECT_THAT(messages_of(service("podvisor.io/hold-timeout: \"1\"")),
              HasSubstr("must be a duration"));
  EXPECT_THAT(messages_of(service("podvisor.io/replace: Surge")), HasSubstr("unknown annotation"));
}

TEST(Annotations, DIF3_5_HowThePodIsReplaced) {
  const RolloutPolicy unset = load_one(pod_text()).spec.policy.rollout;
  EXPECT_FALSE(unset.recreate || unset.on_mounted_config);
  EXPECT_EQ(unset.progress_deadline, std::chrono::minutes(10));
  EXPECT_EQ(unset.min_ready + unset.bake, std::chrono::seconds(0));
  const RolloutPolicy set =
      load_one(annotated("podvisor.io/min-ready: 2s\n  podvisor.io/bake: 1m30s\n  "
                         "podvisor.io/progress-deadline: 2500ms\n  "
                         "podvisor.io/replace: Recreate\n  podvisor.io/rollout-on-config: all"))
          .spec.policy.rollout;
  EXPECT_TRUE(set.recreate && set.on_mounted_config);
  EXPECT_EQ(set.min_ready, std::chrono::seconds(2));
  EXPECT_EQ(set.bake, std::chrono::seconds(90));
  EXPECT_EQ(set.progress_deadline, std::chrono::milliseconds(2500));
}

TEST(Annotations, DurationsHaveAUnitAndAnEnd) {
  for (const char* wrong : {"soon", "-1s", "1.5h", "9000h", "s", "'10'", "1d"})
    EXPECT_THAT(messages_of(annotated(std::string("podvisor.io/bake: ") + wrong)),
                HasSubstr("metadata.annotations[podvisor.io/bake]: Invalid value"))
        << wrong;
  EXPECT_THAT(messages_of(annotated("podvisor.io/min-ready: 10m")),
              HasSubstr("must be less than podvisor.io/progress-deadline"));
}

}  // namespace
}  // namespace podvisor
