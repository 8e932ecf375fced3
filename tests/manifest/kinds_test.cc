// ConfigMaps, Secrets, Namespaces, Deployments and Services: what they become, and what is refused.
#include "loading.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

const std::string kConfigMap = R"(apiVersion: v1
kind: ConfigMap
metadata: {name: site, namespace: shop, labels: {app: web}}
data: {index.html: "<h1>hi</h1>\n", empty: }
binaryData: {logo: AAEC/w==}
immutable: true
)";

const std::string kSecret = R"(apiVersion: v1
kind: Secret
metadata: {name: keys}
data: {user: YWRtaW4=, pass: b2xk}
stringData: {pass: new}
)";

const std::string kDeployment = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 0
  selector:
    matchLabels: {app: web}
    matchExpressions: [{key: tier, operator: NotIn, values: [db]}]
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: main, command: [sleep, inf]}]
)";

const std::string kService = R"(apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  sessionAffinity: ClientIP
  externalTrafficPolicy: Local
  ports:
    - {name: http, port: 80, targetPort: http, nodePort: 30080}
    - {name: admin, port: 81}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

/// Where `from` became `to`, the one message.
std::string complaint(const std::string& text, const std::string& from, const std::string& to) {
  const LoadResult result = load(replaced(text, from, to));
  EXPECT_EQ(result.diagnostics.size(), 1U) << messages(result);
  EXPECT_EQ(result.size(), 0U);
  return messages(result);
}

TEST(Kinds, AConfigMapHasTextsAndBytes) {
  const LoadResult result = load(kConfigMap);
  ASSERT_EQ(result.configs.size(), 1U) << messages(result);
  const ConfigObject& map = *result.configs.front().object;
  EXPECT_EQ(map.kind, ConfigKind::ConfigMap);
  EXPECT_EQ(map.metadata.namespace_, "shop");
  EXPECT_EQ(map.metadata.labels.at("app"), "web");
  EXPECT_TRUE(map.immutable);
  EXPECT_EQ(map.data,
            (std::map<std::string, std::string>{{"index.html", "<h1>hi</h1>\n"},
                                                {"empty", ""},
                                                {"logo", std::string("\x00\x01\x02\xff", 4)}}));
  EXPECT_EQ(to_string(result.configs.front().at), "pod.yaml:3:18");
}

TEST(Kinds, ASecretsTextsWinOverItsBytesAndAreShownAsData) {
  const LoadResult result = load(kSecret);
  ASSERT_EQ(result.configs.size(), 1U) << messages(result);
  const ConfigObject& secret = *result.configs.front().object;
  EXPECT_EQ(secret.kind, ConfigKind::Secret);
  EXPECT_EQ(secret.type, "Opaque");
  EXPECT_EQ(secret.data, (std::map<std::string, std::string>{{"user", "admin"}, {"pass", "new"}}));
  EXPECT_THAT(secret.document, HasSubstr(R"("data":{"pass":"bmV3","user":"YWRtaW4="})"));
  EXPECT_EQ(secret.document.find("stringData"), std::string::npos);
}

TEST(Kinds, MessagesAboutASecretDoNotShowItsValues) {
  for (const auto& [from, to] :
       {std::pair{"YWRtaW4=", "hunter2!"}, std::pair{"{pass: new}", "{pass: 20250101}"},
        std::pair{"{pass: new}", "{pass: [hunter2]}"},
        std::pair{"{pass: new}", "{pass: \"hunter2\\0\"}"}}) {
    const LoadResult result = load(replaced(kSecret, from, to));
    ASSERT_EQ(result.diagnostics.size(), 1U) << to;
    EXPECT_TRUE(result.diagnostics.front().secret);
    const std::string message = messages(result);
    EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
    EXPECT_EQ(message.find("20250101"), std::string::npos) << message;
  }
}

TEST(Kinds, ConfigKeysAndSizesAreChecked) {
  EXPECT_THAT(complaint(kConfigMap, "index.html", "a/b"),
              HasSubstr("pod.yaml:4:13: data[a/b]: Invalid value: \"a/b\": a valid config key"));
  EXPECT_THAT(complaint(kConfigMap, "index.html", "..x"), HasSubstr("must not start with '..'"));
  EXPECT_THAT(complaint(kConfigMap, "logo", "empty"), HasSubstr("duplicate of a key of data"));
  EXPECT_THAT(complaint(kConfigMap, "AAEC/w==", "AAEC/w"), HasSubstr("must be base64"));
  EXPECT_THAT(complaint(kConfigMap, "<h1>", std::string(1 << 20, 'x')),
              HasSubstr("Too long: may not be more than 1048576 bytes together"));
}

TEST(Kinds, SecretTypesNeedTheirKeys) {
  const auto typed = [](const std::string& type, const std::string& data) {
    return messages_of("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: " + type +
                       "\nstringData: " + data + "\n");
  };
  EXPECT_EQ(typed("kubernetes.io/tls", "{tls.crt: a, tls.key: b}"), "");
  EXPECT_THAT(typed("kubernetes.io/tls", "{tls.crt: a}"),
              HasSubstr("data[tls.key]: Required value"));
  EXPECT_EQ(typed("kubernetes.io/basic-auth", "{password: a}"), "");
  EXPECT_THAT(typed("kubernetes.io/basic-auth", "{}"), HasSubstr("this key or password"));
  EXPECT_EQ(typed("kubernetes.io/dockerconfigjson", "{.dockerconfigjson: '{}'}"), "");
  EXPECT_THAT(typed("kubernetes.io/dockerconfigjson", "{.dockerconfigjson: x}"),
              HasSubstr("must be JSON"));
  EXPECT_EQ(typed("example.com/own", "{}"), "");
}

TEST(Kinds, ADeploymentIsAPodAndHowMany) {
  const LoadResult result = load(kDeployment);
  ASSERT_EQ(result.deployments.size(), 1U) << messages(result);
  EXPECT_TRUE(result.diagnostics.empty()) << messages(result);
  const Deployment& web = *result.deployments.front().object;
  EXPECT_EQ(web.replicas, 0);
  EXPECT_EQ(web.pod.metadata.name, "web");
  EXPECT_EQ(web.pod.metadata.namespace_, "shop");
  EXPECT_EQ(web.pod.spec.containers.front().name, "main");
  EXPECT_FALSE(web.strategy.recreate);
  EXPECT_EQ(web.strategy.max_surge, (IntOrPercent{25, true}));
  EXPECT_EQ(web.progress_deadline, Seconds(600));
  EXPECT_TRUE(matches(web.selector, {{"app", "web"}}));
  EXPECT_FALSE(matches(web.selector, {{"app", "web"}, {"tier", "db"}}));
}

TEST(Kinds, ADeploymentsStrategyIsItsOwn) {
  const auto with = [](const std::string& strategy) {
    return load(replaced(kDeployment, "replicas: 0", "strategy: " + strategy));
  };
  const LoadResult rolling = with("{rollingUpdate: {maxSurge: 2, maxUnavailable: 0}}");
  ASSERT_EQ(rolling.deployments.size(), 1U) << messages(rolling);
  EXPECT_EQ(rolling.deployments[0].object->strategy.max_surge, (IntOrPercent{2, false}));
  EXPECT_TRUE(with("{type: Recreate}").deployments.at(0).object->strategy.recreate);
  EXPECT_THAT(messages(with("{type: Recreate, rollingUpdate: {}}")),
              HasSubstr("spec.strategy.rollingUpdate: Forbidden"));
  EXPECT_THAT(messages(with("{rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}")),
              HasSubstr("may not be 0 when `maxSurge` is 0"));
  EXPECT_THAT(messages(with("{rollingUpdate: {maxUnavailable: 101%}}")),
              HasSubstr("must not be greater than 100%"));
  EXPECT_THAT(messages(with("{rollingUpdate: {maxSurge: many}}")),
              HasSubstr("must be a number, or a percentage"));
}

TEST(Kinds, ATemplateIsCheckedAsAPodWithPathsOfItsOwn) {
  EXPECT_THAT(complaint(kDeployment, "command:", "comand: [a], command:"),
              HasSubstr("pod.yaml:12:33: spec.template.spec.containers[0].comand: unknown field"));
  EXPECT_THAT(
      complaint(kDeployment, "name: main", "name: main, volumeMounts: [{name: x, mountPath: /x}]"),
      HasSubstr("spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"x\""));
  EXPECT_THAT(complaint(kDeployment, "    spec:\n", "    spec:\n      restartPolicy: Never\n"),
              HasSubstr("spec.template.spec.restartPolicy: Unsupported value: \"Never\""));
}

TEST(Kinds, ADeploymentsSelectorMatchesItsTemplate) {
  EXPECT_THAT(complaint(kDeployment, "labels: {app: web}", "labels: {app: db}"),
              HasSubstr("spec.template.metadata.labels: Invalid value"));
  EXPECT_THAT(complaint(kDeployment, "operator: NotIn", "operator: Exists"),
              HasSubstr("may not be specified when `operator` is 'Exists'"));
  EXPECT_THAT(
      complaint(kDeployment, "replicas: 0", "progressDeadlineSeconds: 5\n  minReadySeconds: 5"),
      HasSubstr("must be greater than minReadySeconds"));
}

TEST(Kinds, AServiceLeadsFromPortsToPods) {
  const LoadResult result = load(kService);
  ASSERT_EQ(result.services.size(), 1U) << messages(result);
  const Service& web = *result.services.front().object;
  EXPECT_EQ(web.type, ServiceType::NodePort);
  EXPECT_TRUE(web.session_affinity);
  ASSERT_EQ(web.ports.size(), 2U);
  EXPECT_EQ(web.ports[0].target_port, PortRef("http"));
  EXPECT_EQ(web.ports[0].node_port, 30080);
  EXPECT_EQ(web.ports[1].target_port, PortRef(std::uint16_t{81}));
  EXPECT_THAT(messages(result),
              HasSubstr("warning: kept, but podvisor does not act on: spec.externalTrafficPolicy"));
}

TEST(Kinds, AServicesPortsAreTold) {
  const auto errors = [](const std::string& from, const std::string& to) {
    return messages(load(replaced(kService, from, to)));
  };
  EXPECT_THAT(errors("name: admin, ", ""), HasSubstr("spec.ports[1].name: Required value"));
  EXPECT_THAT(errors("port: 81", "port: 80"), HasSubstr("spec.ports[1].port: Duplicate value: 80"));
  EXPECT_THAT(errors("NodePort", "ClusterIP"), HasSubstr("spec.ports[0].nodePort: Forbidden"));
  EXPECT_THAT(errors("targetPort: http", "targetPort: 70000"), HasSubstr("between 0 and 65535"));
  EXPECT_THAT(errors("NodePort", "ExternalName"), HasSubstr("spec.type: Forbidden"));
}

TEST(Kinds, StandInAnyOrderInOneTextAndInLists) {
  const LoadResult all =
      load(kService + "---\n" + kSecret + "---\n" + pod_text() + "---\n" + kDeployment + "---\n" +
           kConfigMap + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
  EXPECT_TRUE(all.ok()) << messages(all);
  EXPECT_EQ(all.size(), 6U);
  EXPECT_EQ(all.namespaces.at(0).object->metadata.name, "shop");
  const LoadResult list =
      load(R"({"apiVersion":"v1","kind":"List","items":[)"
           R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":"YQ=="}},)"
           R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"s"},"data":{"a":"b"}}]})");
  EXPECT_EQ(list.configs.size(), 2U) << messages(list);
}

TEST(Kinds, TwoOfOneKindNamespaceAndNameAreAnErrorThatNamesBothPlaces) {
  EXPECT_EQ(messages_of(kSecret + "---\n" + kSecret),
            "pod.yaml:9:18: metadata.name: Duplicate value: \"default/keys\": this Secret is "
            "already at pod.yaml:3:18\n");
  EXPECT_TRUE(load(kConfigMap + "---\n" + replaced(kConfigMap, "shop", "other")).ok());
}

TEST(Kinds, ANamespacesNameIsALabel) {
  EXPECT_THAT(messages_of("apiVersion: v1\nkind: Namespace\nmetadata: {name: a.b}\n"),
              HasSubstr("metadata.name: Invalid value: \"a.b\""));
}

}  // namespace
}  // namespace podvisor
