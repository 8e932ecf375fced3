// Which host ports are listened on, for whom, and who is behind them (DIF-3, ROL-1).
#include "podvisor/traffic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/pod_driver.h"

namespace podvisor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Mode = DoorPolicy::Mode;

ContainerPort port(std::string name, std::uint16_t number, std::uint16_t host_port = 0) {
  ContainerPort made;
  made.name = std::move(name);
  made.container_port = number;
  made.host_port = host_port;
  return made;
}

Pod pod_named(const std::string& name, std::vector<ContainerPort> ports) {
  Container web = make_container("web");
  web.ports = std::move(ports);
  Pod pod = make_pod({web});
  pod.metadata.name = name;
  pod.metadata.uid = "uid-" + name;
  pod.metadata.labels = {{"app", name}};
  return pod;
}

PodObject object_of(Pod pod, const std::string& ip = "10.88.0.5") {
  PodObject object;
  object.status.phase = PodPhase::Running;
  object.status.conditions = {{.type = "PodScheduled", .status = true}};
  object.status.pod_ip = ip;
  object.status.traffic = {.open = true, .sandbox = 0, .back_off_until = {}};
  object.pod = std::make_shared<const Pod>(std::move(pod));
  return object;
}

Service service(ServiceType type, ServicePort first) {
  Service made;
  made.metadata.name = "shop";
  made.type = type;
  made.selector = {{"app", "web"}};
  made.ports = {std::move(first)};
  return made;
}

WantedDoor only_door(const TrafficPlan& plan) {
  EXPECT_THAT(plan.doors, SizeIs(1));
  return plan.doors.empty() ? WantedDoor{} : plan.doors.front();
}

TEST(Traffic, NET10_AHostPortIsADoorOfThePodsName) {
  const PodObject web = object_of(pod_named("web", {port("http", 80, 8080)}));
  const WantedDoor door = only_door(plan_traffic({&web}, {}));
  EXPECT_EQ(door.listener.id, "default/web:8080");
  EXPECT_EQ(door.owner, "pod default/web");
  EXPECT_EQ(door.port, 8080);
  EXPECT_EQ(door.address, "");
  EXPECT_EQ(door.listener.mode, DoorMode::Http);
  EXPECT_THAT(door.endpoints,
              ElementsAre(DoorEndpoint{"uid-web/0", "10.88.0.5:80", EndpointState::Ready, false}));
}

TEST(Traffic, ReplicasStandBehindOneDoorOfTheirDeployment) {
  Pod one = pod_named("shop-7d9f8b6c5-x2kqp", {port("http", 80, 8080)});
  one.metadata.owner = Owner{"Deployment", "shop", "u"};
  Pod two = pod_named("shop-5b8c9d7f4-q9zzt", {port("http", 80, 8080)});
  two.metadata.owner = one.metadata.owner;
  const PodObject first = object_of(one);
  PodObject second = object_of(two, "10.88.0.6");
  second.serving = false;  // it has not answered its first request yet
  const TrafficPlan plan = plan_traffic({&first, &second}, {});
  EXPECT_TRUE(plan.conflicts.empty());
  const WantedDoor door = only_door(plan);
  EXPECT_EQ(door.listener.id, "default/shop:8080");
  EXPECT_EQ(door.owner, "deployment default/shop");
  ASSERT_THAT(door.endpoints, SizeIs(2));
  EXPECT_EQ(door.endpoints[0].state, EndpointState::Ready);
  EXPECT_EQ(door.endpoints[1].state, EndpointState::NotReady);
}

TEST(Traffic, WhatMakesNoDoor) {
  Pod host = pod_named("host", {port("http", 80, 80)});
  host.spec.host_network = true;
  Pod off = pod_named("off", {port("http", 80, 81)});
  off.spec.policy.door.mode = Mode::Off;
  Pod unpublished = pod_named("unpublished", {port("http", 80)});
  Pod udp = pod_named("udp", {port("dns", 53, 53)});
  udp.spec.containers[0].ports[0].protocol = "UDP";
  Pod init = pod_named("init", {port("http", 80, 82)});
  init.spec.containers[0].role = ContainerRole::Init;
  for (const Pod& pod : {host, off, unpublished, udp, init})
    EXPECT_THAT(doors_of(pod), IsEmpty()) << pod.metadata.name;
  PodObject over = object_of(pod_named("over", {port("http", 80, 83)}));
  over.status.phase = PodPhase::Succeeded;
  PodObject elsewhere = object_of(pod_named("elsewhere", {port("http", 80, 84)}));
  elsewhere.status.conditions[0].status = false;
  EXPECT_THAT(plan_traffic({&over, &elsewhere}, {}).doors, IsEmpty());
}

TEST(Traffic, APodThatIsBeingDeletedKeepsItsDoorUntilItIsGone) {
  PodObject leaving = object_of(pod_named("web", {port("http", 80, 8080)}));
  leaving.deletion_timestamp = WallTime{};
  leaving.status.phase = PodPhase::Succeeded;
  EXPECT_THAT(plan_traffic({&leaving}, {}).doors, SizeIs(1));
}

TEST(Traffic, TheModeFollowsThePortsNameUnlessTheAnnotationSaysOtherwise) {
  struct Row {
    const char* name;
    Mode policy;
    DoorMode mode;
  };
  const Row rows[] = {
      {"http", Mode::ByPort, DoorMode::Http},    {"http-admin", Mode::ByPort, DoorMode::Http},
      {"https", Mode::ByPort, DoorMode::Tcp},    {"http2", Mode::ByPort, DoorMode::Tcp},
      {"postgres", Mode::ByPort, DoorMode::Tcp}, {"", Mode::ByPort, DoorMode::Tcp},
      {"http", Mode::Tcp, DoorMode::Tcp},        {"postgres", Mode::Http, DoorMode::Http},
  };
  for (const Row& row : rows) {
    Pod pod = pod_named("web", {port(row.name, 80, 8080)});
    pod.spec.policy.door.mode = row.policy;
    EXPECT_EQ(doors_of(pod)[0].listener.mode, row.mode) << row.name;
  }
}

TEST(Traffic, ROL1_ROL2_WhatStateAnEndpointIsIn) {
  PodObject ready = object_of(pod_named("web", {port("http", 80, 8080)}));
  const auto state = [](const PodObject& object) {
    return plan_traffic({&object}, {}).doors.at(0).endpoints.at(0).state;
  };
  EXPECT_EQ(state(ready), EndpointState::Ready);
  PodObject unready = ready;
  unready.status.traffic.open = false;
  EXPECT_EQ(state(unready), EndpointState::NotReady);
  PodObject deleted = ready;  // its Ready condition may be True still
  deleted.deletion_timestamp = WallTime{};
  EXPECT_EQ(state(deleted), EndpointState::NotReady);
  PodObject draining = deleted;
  draining.status.traffic.draining = true;
  EXPECT_EQ(state(draining), EndpointState::Draining);
}

TEST(Traffic, WhereAnEndpointIsDialled) {
  const auto endpoint = [](const PodObject& object) {
    return plan_traffic({&object}, {}).doors.at(0).endpoints.at(0);
  };
  const Pod pod = pod_named("web", {port("http", 80, 8080)});
  EXPECT_EQ(endpoint(object_of(pod, "fd00::5")).address, "[fd00::5]:80");
  const DoorEndpoint hidden = endpoint(object_of(pod, ""));
  EXPECT_EQ(hidden.address, "127.0.0.1:80");
  EXPECT_TRUE(hidden.handed_over_sockets);
  PodObject unmade = object_of(pod, "");
  unmade.status.traffic = {};
  EXPECT_THAT(plan_traffic({&unmade}, {}).doors.at(0).endpoints, IsEmpty());
}

TEST(Traffic, TwoRevisionsOfAPodStandBehindOneDoor) {
  PodObject old = object_of(pod_named("web", {port("http", 80, 8080)}));
  old.serving = false;
  Pod next = pod_named("web", {port("web", 8000, 8080)});
  next.metadata.uid = "uid-next";
  next.spec.policy.door.hold_timeout = std::chrono::seconds(5);
  const PodObject fresh = object_of(next, "10.88.0.6");
  const TrafficPlan plan = plan_traffic({&fresh, &old}, {});
  const WantedDoor door = only_door(plan);
  EXPECT_THAT(plan.conflicts, IsEmpty());
  ASSERT_THAT(door.endpoints, SizeIs(2));
  EXPECT_EQ(door.endpoints[0].address, "10.88.0.6:8000");
  EXPECT_EQ(door.endpoints[0].state, EndpointState::Ready);
  EXPECT_EQ(door.endpoints[1].address, "10.88.0.5:80");
  EXPECT_EQ(door.endpoints[1].state, EndpointState::NotReady);
  EXPECT_EQ(door.listener.hold.timeout, 5s);  // of the one that has the name
}

TEST(Traffic, TwoPodsThatWantOneHostPortAreAConflict) {
  const PodObject a = object_of(pod_named("a", {port("http", 80, 8080)}));
  const PodObject b = object_of(pod_named("b", {port("http", 80, 8080)}));
  const TrafficPlan plan = plan_traffic({&a, &b}, {});
  EXPECT_EQ(only_door(plan).owner, "pod default/a");
  EXPECT_THAT(plan.conflicts,
              ElementsAre("pod default/b wants host port 8080, which pod default/a has"));
}

TEST(Traffic, OnePortAtTwoAddressesIsNoConflictButEverywhereIs) {
  Pod first = pod_named("a", {port("http", 80, 8080)});
  Pod second = pod_named("b", {port("http", 80, 8080)});
  first.spec.containers[0].ports[0].host_ip = "127.0.0.1";
  second.spec.containers[0].ports[0].host_ip = "192.0.2.1";
  EXPECT_FALSE(collide(doors_of(first)[0], doors_of(second)[0]));
  second.spec.containers[0].ports[0].host_ip = "0.0.0.0";
  EXPECT_TRUE(collide(doors_of(first)[0], doors_of(second)[0]));
}

TEST(Traffic, WhichPortOfAServiceIsOnTheHost) {
  const ServicePort both{"http", "TCP", 80, std::uint16_t{8080}, 30080, ""};
  EXPECT_EQ(doors_of(service(ServiceType::NodePort, both)).at(0).port, 30080);
  EXPECT_EQ(doors_of(service(ServiceType::LoadBalancer, both)).at(0).port, 80);
  EXPECT_THAT(doors_of(service(ServiceType::ClusterIp, both)), IsEmpty());
}

TEST(Traffic, AServiceHasThePodsOfItsSelectorByPortNameOrNumber) {
  const PodObject web = object_of(pod_named("web", {port("main", 8000)}), "10.88.0.7");
  const PodObject other = object_of(pod_named("other", {port("main", 8000)}));
  Service shop =
      service(ServiceType::LoadBalancer, {"", "TCP", 80, std::string("main"), 0, "http"});
  shop.session_affinity = shop.door.forwarded_headers = true;
  const WantedDoor door = only_door(plan_traffic({&web, &other}, {&shop}));
  EXPECT_EQ(door.listener.id, "default/shop:80");
  EXPECT_EQ(door.listener.mode, DoorMode::Http);
  EXPECT_TRUE(door.listener.session_affinity);
  EXPECT_TRUE(door.listener.forwarded_headers);
  ASSERT_THAT(door.endpoints, SizeIs(1));
  EXPECT_EQ(door.endpoints[0].address, "10.88.0.7:8000");
  shop.ports[0].target_port = std::string("nobody");
  EXPECT_THAT(only_door(plan_traffic({&web}, {&shop})).endpoints, IsEmpty());
  shop.ports[0].target_port = std::uint16_t{9000};
  EXPECT_EQ(only_door(plan_traffic({&web}, {&shop})).endpoints.at(0).address, "10.88.0.7:9000");
  shop.metadata.namespace_ = "elsewhere";
  EXPECT_THAT(only_door(plan_traffic({&web}, {&shop})).endpoints, IsEmpty());
}

TEST(Traffic, NotReadyAddressesArePublishedWhereTheServiceSaysSo) {
  PodObject web = object_of(pod_named("web", {}));
  web.status.traffic.open = false;
  Service shop = service(ServiceType::LoadBalancer, {"", "TCP", 80, std::uint16_t{80}, 0, ""});
  shop.publish_not_ready_addresses = true;
  EXPECT_EQ(only_door(plan_traffic({&web}, {&shop})).endpoints.at(0).state, EndpointState::Ready);
}

TEST(Traffic, APortThatAPodHasIsNotTheServices) {
  const PodObject web = object_of(pod_named("web", {port("http", 80, 80)}));
  const Service shop =
      service(ServiceType::LoadBalancer, {"", "TCP", 80, std::uint16_t{80}, 0, ""});
  const TrafficPlan plan = plan_traffic({&web}, {&shop});
  EXPECT_EQ(only_door(plan).owner, "pod default/web");
  EXPECT_THAT(plan.conflicts,
              ElementsAre("service default/shop wants host port 80, which pod default/web has"));
}

TEST(Traffic, NobodyWaitsForPodsThatAllBackOff) {
  const TimePoint soon{10s};
  const TimePoint later{20s};
  PodObject a = object_of(pod_named("web", {port("http", 80, 8080)}));
  a.status.traffic.back_off_until = later;
  PodObject b = object_of(pod_named("web", {port("http", 80, 8080)}));
  b.status.traffic.back_off_until = soon;
  EXPECT_EQ(only_door(plan_traffic({&a}, {})).back_off_until, later);
  EXPECT_EQ(only_door(plan_traffic({&a, &b}, {})).back_off_until, soon);
  b.status.traffic.back_off_until.reset();
  EXPECT_EQ(only_door(plan_traffic({&a, &b}, {})).back_off_until, std::nullopt);
}

}  // namespace
}  // namespace podvisor
