#include <gmock/gmock.h>

#include "api/api_server.h"
#include "api/server_fixture.h"

namespace podvisor {
namespace {

struct ConfigRoutesTest : ApiServerFixture {
  void set(ConfigKind kind, const std::string& name, const std::string& document) {
    ConfigObject object;
    object.kind = kind;
    object.metadata.name = name;
    object.metadata.labels = {{"app", name}};
    object.type = kind == ConfigKind::Secret ? "Opaque" : "";
    object.document = document;
    store.set_config(object, kNoon);
  }
};

const std::string kMaps = "/api/v1/namespaces/default/configmaps";
const std::string kSecrets = "/api/v1/namespaces/default/secrets";

TEST_F(ConfigRoutesTest, ListsAKindWithoutTheOther) {
  set(ConfigKind::ConfigMap, "site", R"({"data":{"a":"b"}})");
  set(ConfigKind::Secret, "keys", R"({"data":{"a":"Yg=="},"type":"Opaque"})");
  const Json maps = get(kMaps);
  EXPECT_EQ(maps["kind"], "ConfigMapList");
  ASSERT_EQ(maps["items"].size(), 1U);
  EXPECT_EQ(maps["items"][0]["data"]["a"], "b");
  EXPECT_EQ(maps["items"][0]["metadata"]["name"], "site");
  const Json secrets = get("/api/v1/secrets");
  EXPECT_EQ(secrets["kind"], "SecretList");
  ASSERT_EQ(secrets["items"].size(), 1U);
  EXPECT_EQ(secrets["items"][0]["kind"], "Secret");
  EXPECT_EQ(get(kSecrets + "?labelSelector=app%3Dother")["items"].size(), 0U);
  EXPECT_EQ(get(kSecrets + "?fieldSelector=type%3DOpaque")["items"].size(), 1U);
}

TEST_F(ConfigRoutesTest, ReadsOneOrSaysThatThereIsNone) {
  set(ConfigKind::Secret, "keys", R"({"data":{"a":"Yg=="}})");
  const Json secret = get(kSecrets + "/keys");
  EXPECT_EQ(secret["data"]["a"], "Yg==");
  EXPECT_FALSE(secret["metadata"]["uid"].get<std::string>().empty());
  EXPECT_EQ(get(kMaps + "/keys", 404)["message"], "configmaps \"keys\" not found");
}

TEST_F(ConfigRoutesTest, AreDeletedAtOnce) {
  set(ConfigKind::Secret, "keys", R"({"data":{"a":"Yg=="}})");
  set(ConfigKind::ConfigMap, "keys", "{}");
  auto client_ = client();
  EXPECT_EQ(client_.request("DELETE " + kSecrets + "/keys HTTP/1.1"), 200);
  EXPECT_EQ(Json::parse(client_.body())["details"]["kind"], "secrets");
  EXPECT_EQ(store.find_config(ConfigKind::Secret, "default", "keys"), nullptr);
  EXPECT_NE(store.find_config(ConfigKind::ConfigMap, "default", "keys"), nullptr);
  EXPECT_EQ(client_.request("DELETE " + kSecrets + "/keys HTTP/1.1"), 404);
  EXPECT_EQ(client_.request("DELETE " + kMaps + "/keys HTTP/1.1"), 200);
}

TEST_F(ConfigRoutesTest, AreNotServedOverTcp) {
  set(ConfigKind::Secret, "keys", R"({"data":{"a":"Yg=="}})");
  const auto port = server->listen_tcp("127.0.0.1:0");
  ASSERT_TRUE(port) << port.error().message;
  RawClient client(loop, *port);
  EXPECT_EQ(client.get(kSecrets), 404);
  EXPECT_EQ(client.body().find("Yg=="), std::string::npos);
}

TEST_F(ConfigRoutesTest, WatchesTellChanges) {
  set(ConfigKind::ConfigMap, "site", "{}");
  auto client_ = client();
  client_.send("GET " + kMaps + "?watch=true HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(client_.wait_for("\"ADDED\""));
  set(ConfigKind::ConfigMap, "site", R"({"data":{"a":"b"}})");
  EXPECT_TRUE(client_.wait_for("\"MODIFIED\""));
  store.remove_config(ConfigKind::ConfigMap, "default", "site");
  EXPECT_TRUE(client_.wait_for("\"DELETED\""));
}

TEST_F(ConfigRoutesTest, WatchesEndWhenPodvisorEnds) {
  auto client_ = client();
  client_.send("GET " + kMaps + "?watch=true HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(client_.wait_for("HTTP/1.1 200"));
  server->end_streams();
  EXPECT_TRUE(client_.wait_for_answer()) << client_.received();
}

}  // namespace
}  // namespace podvisor
