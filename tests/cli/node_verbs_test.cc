// `label`, `set condition`, and `get` and `describe` of what is no pod, against a scripted
// podvisor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/fake_api.h"
#include "cli/fields.h"
#include "cli/terminal.h"

namespace podvisor::cli {
namespace {

using testing::Contains;
using testing::HasSubstr;

const Json kNode = {
    {"apiVersion", "v1"},
    {"kind", "Node"},
    {"metadata",
     {{"name", "alpha"},
      {"creationTimestamp", "2026-03-01T12:00:00Z"},
      {"labels", {{"disk", "ssd"}, {"kubernetes.io/os", "linux"}}}}},
    {"status",
     {{"addresses", {{{"type", "InternalIP"}, {"address", "192.0.2.7"}}}},
      {"conditions", {{{"type", "Ready"}, {"status", "True"}, {"message", "podvisor answers"}}}},
      {"capacity", {{"cpu", "2"}}},
      {"nodeInfo", {{"kubeletVersion", "v0.1.0"}, {"kernelVersion", "6.1.0"}}}}}};

Json list_of(const Json& item) {
  return {{"kind", "List"}, {"metadata", {{"resourceVersion", "5"}}}, {"items", {item}}};
}

class NodeVerbs : public testing::Test {
 protected:
  NodeVerbs() {
    api_.on("GET /api/v1/nodes", {200, list_of(kNode).dump()});
    api_.on("GET /api/v1/pods", {200, list_of(Json::object()).dump()});
    api_.on("GET /api/v1/nodes/alpha", {200, kNode.dump()});
    api_.on("PATCH /api/v1/nodes/alpha", {200, kNode.dump()});
  }
  Ran podvisor(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--socket", api_.socket()});
    return run_command(std::move(arguments));
  }
  FakeApi api_;
};

TEST_F(NodeVerbs, LabelSpeaksAsKubectlDoes) {
  EXPECT_EQ(podvisor({"label", "node", "zone=a"}).out, "node/alpha labeled\n");
  EXPECT_EQ(podvisor({"label", "node", "alpha", "zone=a"}).out, "node/alpha labeled\n");
  EXPECT_EQ(podvisor({"label", "node/alpha", "disk-"}).out, "node/alpha unlabeled\n");
  EXPECT_EQ(podvisor({"label", "nodes", "disk=ssd"}).out, "node/alpha not labeled\n");
  EXPECT_EQ(podvisor({"label", "node", "nope-"}).out,
            "label \"nope\" not found.\nnode/alpha not labeled\n");
  EXPECT_EQ(podvisor({"label", "node", "--list"}).out, "disk=ssd\nkubernetes.io/os=linux\n");
  EXPECT_THAT(api_.requests(), Contains("PATCH /api/v1/nodes/alpha"));
}

TEST_F(NodeVerbs, LabelOverwritesOnlyWhenAsked) {
  const Ran refused = podvisor({"label", "node", "disk=hdd"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.err, "error: 'disk' already has a value (ssd), and --overwrite is false\n");
  EXPECT_EQ(podvisor({"label", "node", "disk=hdd", "--overwrite"}).out, "node/alpha labeled\n");
}

TEST_F(NodeVerbs, LabelSaysWhatItNeeds) {
  EXPECT_THAT(podvisor({"label", "node"}).err, HasSubstr("at least one label update"));
  EXPECT_THAT(podvisor({"label", "zebra", "a=b"}).err, HasSubstr("there is \"nodes\""));
  EXPECT_THAT(podvisor({"label", "node", "alpha", "what"}).err, HasSubstr("neither KEY=VALUE"));
}

TEST_F(NodeVerbs, GetNodes) {
  const Ran table = podvisor({"get", "nodes", "--show-labels"});
  EXPECT_EQ(table.out,
            "NAME    STATUS   ROLES    AGE   VERSION   LABELS\n"
            "alpha   Ready    <none>   10m   v0.1.0    disk=ssd,kubernetes.io/os=linux\n");
  EXPECT_THAT(podvisor({"get", "node", "alpha", "-o", "wide"}).out, HasSubstr("192.0.2.7"));
  EXPECT_THAT(podvisor({"get", "node/alpha", "-o", "yaml"}).out, HasSubstr("kind: Node"));
  EXPECT_THAT(podvisor({"describe", "node"}).out, HasSubstr("disk=ssd"));
}

TEST_F(NodeVerbs, CND8_SetConditionPatchesTheStatus) {
  api_.on("PATCH /api/v1/namespaces/shop/pods/web/status", {200, "{}"});
  const Ran ran = podvisor({"set", "condition", "pod/web", "example.com/open=True", "-n", "shop"});
  EXPECT_EQ(ran.out, "pod/web condition set\n") << ran.err;
  EXPECT_EQ(podvisor({"set", "condition", "web", "open"}).exit_code, 1);
  EXPECT_THAT(podvisor({"set", "condition", "web", "open=yes"}).err, HasSubstr("not TYPE=STATUS"));
}

TEST_F(NodeVerbs, GetAndDescribeConfigMapsAndSecrets) {
  const Json secret = {
      {"apiVersion", "v1"},
      {"kind", "Secret"},
      {"type", "Opaque"},
      {"metadata",
       {{"name", "keys"}, {"namespace", "default"}, {"creationTimestamp", "2026-03-01T12:00:00Z"}}},
      {"data", {{"pass", "aHVudGVyMg=="}}}};
  Json map = secret;
  map["kind"] = "ConfigMap";
  map["data"] = {{"index.html", "one\ntwo\n"}};
  api_.on("GET /api/v1/namespaces/default/secrets", {200, list_of(secret).dump()});
  api_.on("GET /api/v1/namespaces/default/secrets/keys", {200, secret.dump()});
  api_.on("GET /api/v1/namespaces/default/configmaps/keys", {200, map.dump()});
  EXPECT_EQ(podvisor({"get", "secrets"}).out,
            "NAME   TYPE     DATA   AGE\nkeys   Opaque   1      10m\n");
  EXPECT_EQ(podvisor({"get", "cm", "keys"}).out, "NAME   DATA   AGE\nkeys   1      10m\n");
  EXPECT_THAT(podvisor({"get", "secret", "keys", "-o", "yaml"}).out, HasSubstr("aHVudGVyMg=="));
  const std::string described = podvisor({"describe", "secret", "keys"}).out;
  EXPECT_THAT(described, HasSubstr("pass:  7 bytes"));
  EXPECT_EQ(described.find("aHVu"), std::string::npos);
  EXPECT_THAT(podvisor({"describe", "cm/keys"}).out, HasSubstr("index.html:\n----\none\ntwo\n"));
}

TEST_F(NodeVerbs, GetTakesAListOfKinds) {
  const auto object = [](const std::string& kind) -> Json {
    return {{"kind", kind},
            {"type", "Opaque"},
            {"metadata",
             {{"name", "keys"},
              {"namespace", "default"},
              {"creationTimestamp", "2026-03-01T12:00:00Z"}}},
            {"data", {{"a", "Yg=="}}}};
  };
  api_.on("GET /api/v1/namespaces/default/configmaps", {200, list_of(object("ConfigMap")).dump()});
  api_.on("GET /api/v1/namespaces/default/secrets", {200, list_of(object("Secret")).dump()});
  api_.on("GET /api/v1/namespaces/default/secrets/keys", {200, object("Secret").dump()});
  EXPECT_EQ(podvisor({"get", "configmaps,secrets"}).out,
            "NAME             DATA   AGE\nconfigmap/keys   1      10m\n\n"
            "NAME          TYPE     DATA   AGE\nsecret/keys   Opaque   1      10m\n");
  EXPECT_EQ(podvisor({"get", "cm,secret", "-o", "name"}).out, "configmap/keys\nsecret/keys\n");
  const Json both = Json::parse(podvisor({"get", "cm,secret", "-o", "json"}).out);
  EXPECT_EQ(both["kind"], "List");
  EXPECT_EQ(both["items"].size(), 2U);
  const Ran by_name = podvisor({"get", "cm,secret", "keys"});  // there is no such ConfigMap
  EXPECT_EQ(by_name.exit_code, 1);
  EXPECT_THAT(by_name.out, HasSubstr("secret/keys"));
  EXPECT_THAT(podvisor({"get", "cm,secret", "-w"}).err, HasSubstr("a single resource type"));
  EXPECT_THAT(podvisor({"get", "cm,zebras"}).err, HasSubstr("\"zebras\""));
}

}  // namespace
}  // namespace podvisor::cli
