// Services and the Endpoints that follow from them (ROL-1).
#include <gmock/gmock.h>

#include "api/server_fixture.h"

namespace podvisor {
namespace {

struct ServiceRoutesTest : ApiServerFixture {
  void set_service(ServiceType type = ServiceType::LoadBalancer, std::uint16_t node_port = 0) {
    Service service;
    service.metadata.name = "shop";
    service.metadata.labels = {{"tier", "front"}};
    service.type = type;
    service.selector = {{"app", "web"}};
    service.ports = {{"http", "TCP", 80, std::uint16_t{8080}, node_port, ""}};
    service.document =
        R"({"spec":{"type":"LoadBalancer","ports":[{"name":"http","port":80,"targetPort":8080}]}})";
    store.set_service(service, kNoon);
  }
  void add_pod(const std::string& name, bool open) {
    auto pod = make_pod(name);
    pod->metadata.labels = {{"app", "web"}};
    PodStatus status = running_status(*pod, open);
    status.pod_ip = "10.88.0." + std::to_string(store.pods().size() + 2);
    status.traffic.sandbox = 0;
    store.add_pod(pod, status, kNoon);
  }
};

const std::string kDefault = "/api/v1/namespaces/default";

TEST_F(ServiceRoutesTest, AreListedAndReadWithTheNodePortThatWasChosen) {
  set_service(ServiceType::NodePort, 30123);
  EXPECT_EQ(get("/api/v1/services")["kind"], "ServiceList");
  EXPECT_EQ(get(kDefault + "/services?labelSelector=tier%3Dback")["items"].size(), 0U);
  const Json shop = get(kDefault + "/services/shop");
  EXPECT_EQ(shop["kind"], "Service");
  EXPECT_EQ(shop["metadata"]["name"], "shop");
  EXPECT_EQ(shop["spec"]["ports"][0]["nodePort"], 30123);
  EXPECT_EQ(get(kDefault + "/services/none", 404)["message"], "services \"none\" not found");
}

TEST_F(ServiceRoutesTest, ROL1_EndpointsAreReadyWhileTheirPodsGetTraffic) {
  set_service();
  add_pod("a", true);
  add_pod("b", false);
  add("other");  // not of the selector
  const Json subset = get(kDefault + "/endpoints/shop")["subsets"][0];
  ASSERT_EQ(subset["addresses"].size(), 1U);
  EXPECT_EQ(subset["addresses"][0]["ip"], "10.88.0.2");
  EXPECT_EQ(subset["addresses"][0]["targetRef"]["name"], "a");
  ASSERT_EQ(subset["notReadyAddresses"].size(), 1U);
  EXPECT_EQ(subset["notReadyAddresses"][0]["targetRef"]["name"], "b");
  EXPECT_EQ(subset["ports"], Json::parse(R"([{"name":"http","port":8080,"protocol":"TCP"}])"));
  store.mark_deleted(*store.find_pod("default", "a")->pod, kNoon, Seconds{30});
  EXPECT_FALSE(get(kDefault + "/endpoints/shop")["subsets"][0].contains("addresses"));
}

TEST_F(ServiceRoutesTest, AServiceWithoutPodsHasNoSubsets) {
  set_service();
  const Json list = get(kDefault + "/endpoints");
  EXPECT_EQ(list["kind"], "EndpointsList");
  ASSERT_EQ(list["items"].size(), 1U);
  EXPECT_EQ(list["items"][0]["subsets"], Json::array());
  EXPECT_EQ(get(kDefault + "/endpoints?watch=true", 400)["reason"], "BadRequest");
}

}  // namespace
}  // namespace podvisor
