// What the door is told, and when a drain or a check is over, with a door that only remembers.
#include "daemon/traffic_control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace podvisor {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

const char* word(EndpointState state) {
  return state == EndpointState::Ready      ? "ready"
         : state == EndpointState::NotReady ? "unready"
                                            : "draining";
}

class RememberingDoor final : public Door {
 public:
  void serve(const DoorListener& listener, Fd socket) override {
    told.push_back("serve " + listener.id + (socket ? "" : " again"));
  }
  void stop_serving(const std::string& listener) override { told.push_back("stop " + listener); }
  void set_endpoints(const std::string& listener, std::vector<DoorEndpoint> endpoints) override {
    std::string line = listener + " =";
    for (const DoorEndpoint& one : endpoints) line += " " + one.id + ":" + word(one.state);
    told.push_back(line);
  }
  void set_back_off(const std::string& listener, std::optional<Duration> remaining) override {
    told.push_back(listener + (remaining ? " backs off" : " hopes"));
  }
  void drain(const std::string& listener, const std::string& endpoint,
             const DrainLimits&) override {
    told.push_back("drain " + listener + " " + endpoint);
  }
  void check(const std::string& listener, std::uint64_t id, const DoorCheck& check) override {
    told.push_back("check " + listener + " " + check.endpoint + " " + check.path);
    checks.push_back(id);
  }
  void give_sockets(const std::string& listener, const std::string&,
                    std::vector<Fd> sockets) override {
    told.push_back("give " + listener + " " + std::to_string(sockets.size()));
  }
  [[nodiscard]] const std::map<std::string, DoorCounters>& counters() const override {
    return none_;
  }

  std::vector<std::string> told;
  std::vector<std::uint64_t> checks;

 private:
  std::map<std::string, DoorCounters> none_;
};

class PostedEvents final : public EventSink {
 public:
  void post(const PodUid& pod, PodEvent event) override {
    const auto* drained = std::get_if<pod_event::TrafficDrained>(&event);
    posted.push_back(pod + (drained ? " drained " + std::to_string(drained->attempt) : " told"));
  }
  std::vector<std::string> posted;
};

class SocketsOfHost final : public PodSockets {
 public:
  Result<Fd> open_socket(const PodUid&, int domain, int type) override {
    if (!there) return make_error("not taken over yet");
    return Fd(::socket(domain, type | SOCK_CLOEXEC, 0));
  }
  [[nodiscard]] std::string address(const PodUid&) const override { return "127.0.0.1"; }
  bool there = true;
};

class TrafficControlTest : public testing::Test {
 protected:
  TrafficControlTest()
      : control_(loop_, store_, events_, sockets_,
                 {.door = [this]() -> Result<Door*> { return &door_; },
                  .has_socket = [](const std::string&) { return false; },
                  .listen = [this](const std::string&, std::uint16_t port) -> Result<Fd> {
                    if (taken_.contains(port)) return make_error("Address already in use");
                    return Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
                  }}) {}

  static std::shared_ptr<const Pod> pod(const std::string& name, const PodUid& uid,
                                        std::uint16_t host_port) {
    Pod made;
    made.metadata.name = name;
    made.metadata.uid = uid;
    Container web;
    web.name = "web";
    web.ports = {{.name = "http", .container_port = 80, .host_port = host_port}};
    made.spec.containers = {web};
    return std::make_shared<const Pod>(made);
  }
  static PodStatus status(bool open, bool draining = false) {
    PodStatus made;
    made.phase = PodPhase::Running;
    made.pod_ip = "10.88.0.2";
    made.conditions = {{.type = "PodScheduled", .status = true}};
    made.traffic = {.open = open, .draining = draining, .sandbox = 0, .back_off_until = {}};
    return made;
  }
  std::vector<std::string> told() { return std::exchange(door_.told, {}); }
  void pass(Duration span) {
    loop_.run_until([] { return false; }, span);
  }

  std::set<std::uint16_t> taken_;
  Loop loop_;
  ObjectStore store_;
  RememberingDoor door_;
  PostedEvents events_;
  SocketsOfHost sockets_;
  TrafficControl control_;
};

TEST_F(TrafficControlTest, DIF3_1_TheDoorIsToldOfEveryChange) {
  const auto web = pod("web", "u", 8080);
  store_.add_pod(web, status(false), {});
  EXPECT_THAT(told(), ElementsAre("serve default/web:8080", "default/web:8080 = u/0:unready"));
  store_.set_status(*web, status(true));
  EXPECT_THAT(told(), ElementsAre("default/web:8080 = u/0:ready"));
  store_.mark_deleted(*web, {}, Seconds{30});
  EXPECT_THAT(told(), ElementsAre("default/web:8080 = u/0:unready"));
  store_.set_status(*web, status(false, true));
  EXPECT_THAT(told(), ElementsAre("default/web:8080 = u/0:draining"));
}

TEST_F(TrafficControlTest, APodThatIsReplacedKeepsItsDoor) {
  const auto old = pod("web", "u1", 8080);
  store_.add_pod(old, status(true), {});
  told();
  store_.remove_pod(*old);
  store_.add_pod(pod("web", "u2", 8080), status(true), {});
  pass(300ms);
  EXPECT_THAT(told(), ElementsAre("default/web:8080 = u2/0:ready"));
}

TEST_F(TrafficControlTest, APodThatIsGoneGivesItsPortBack) {
  const auto web = pod("web", "u", 8080);
  store_.add_pod(web, status(true), {});
  told();
  store_.remove_pod(*web);
  pass(300ms);
  EXPECT_THAT(told(), ElementsAre("stop default/web:8080"));
  EXPECT_THAT(control_.ports(), IsEmpty());
}

TEST_F(TrafficControlTest, DIF3_5_ASwitchIsOneStepForTheDoor) {
  const auto old = pod("web", "u1", 8080);
  const auto fresh = pod("web", "u2", 8080);
  store_.add_pod(old, status(true), {});
  store_.add_beside(fresh, status(true), {});
  told();
  store_.switch_to(*fresh);
  EXPECT_THAT(told(), ElementsAre("default/web:8080 = u2/0:ready u1/0:unready"));
}

TEST_F(TrafficControlTest, DIF3_2_ADrainIsOverWhenTheDoorSaysSo) {
  const auto web = pod("web", "u", 8080);
  store_.add_pod(web, status(true), {});
  told();
  control_.drain(*web, {.attempt = 0, .timeout = 30s});
  EXPECT_THAT(told(), ElementsAre("drain default/web:8080 u/0"));
  EXPECT_THAT(events_.posted, IsEmpty());
  control_.on_drained("default/web:8080", "u/0", 0);
  EXPECT_THAT(events_.posted, ElementsAre("u drained 0"));
  control_.on_drained("default/web:8080", "u/0", 0);
  EXPECT_EQ(events_.posted.size(), 1U);
}

TEST_F(TrafficControlTest, APodWithoutADoorIsDrainedAtOnce) {
  const auto web = pod("web", "u", 0);
  store_.add_pod(web, status(true), {});
  control_.drain(*web, {.attempt = 0, .timeout = 30s});
  EXPECT_THAT(events_.posted, ElementsAre("u drained 0"));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(TrafficControlTest, WhatWasCutOffIsToldInAnEvent) {
  const auto web = pod("web", "u", 8080);
  store_.add_pod(web, status(true), {});
  control_.drain(*web, {.attempt = 0, .timeout = 30s});
  control_.on_drained("default/web:8080", "u/0", 3);
  EXPECT_THAT(events_.posted, ElementsAre("u told", "u drained 0"));
}

TEST_F(TrafficControlTest, ReadyzComesFirstWhereThatIsAskedFor) {
  Pod slow = *pod("web", "u", 0);
  slow.spec.policy.door.readyz_delay = 50ms;
  const auto web = std::make_shared<const Pod>(slow);
  store_.add_pod(web, status(true), {});
  control_.drain(*web, {.attempt = 0, .timeout = 30s});
  EXPECT_THAT(events_.posted, IsEmpty());
  loop_.run_until([&] { return !events_.posted.empty(); }, 10s);
  EXPECT_THAT(events_.posted, ElementsAre("u drained 0"));
}

TEST_F(TrafficControlTest, ACheckGoesThroughEveryDoorOfThePod) {
  const auto web = pod("web", "u", 8080);
  store_.add_beside(web, status(true), {});
  told();
  std::vector<std::string> answers;
  const auto note = [&](const std::string& error) { answers.push_back(error); };
  control_.check(*web, note);
  EXPECT_THAT(told(), ElementsAre("check default/web:8080 u/0 /"));
  control_.on_checked(door_.checks.at(0), 404, "");
  EXPECT_THAT(answers, ElementsAre(""));
  control_.check(*web, note);
  control_.on_checked(door_.checks.at(1), 0, "connection refused");
  control_.check(*web, note);
  control_.on_checked(door_.checks.at(2), 502, "");
  EXPECT_THAT(answers, ElementsAre("", "connection refused", "it answered 502"));
  control_.check(*pod("other", "u9", 0), note);
  EXPECT_EQ(answers.back(), "");
}

TEST_F(TrafficControlTest, APortThatCannotBeHadIsSaidBeforeAndTriedAgain) {
  taken_ = {8080};
  const auto web = pod("web", "u", 8080);
  EXPECT_THAT(control_.why_not(doors_of(*web)),
              ElementsAre("pod default/web wants host port 8080: Address already in use"));
  store_.add_pod(web, status(true), {});
  EXPECT_THAT(told(), IsEmpty());
  taken_.clear();
  loop_.run_until([&] { return !door_.told.empty(); }, 20s);
  EXPECT_THAT(told(), Contains("serve default/web:8080"));
  EXPECT_THAT(control_.why_not(doors_of(*web)), IsEmpty());
  EXPECT_THAT(control_.why_not(doors_of(*pod("b", "v", 8080))),
              ElementsAre("pod default/b wants host port 8080, which pod default/web has"));
}

TEST_F(TrafficControlTest, SocketsForAPodThatTheHostHasNoWayTo) {
  Pod hidden = *pod("web", "u", 8080);
  PodStatus unaddressed = status(true);
  unaddressed.pod_ip.clear();
  store_.add_pod(std::make_shared<const Pod>(hidden), unaddressed, {});
  told();
  control_.on_sockets_wanted("default/web:8080", "u/0", 3);
  EXPECT_THAT(told(), ElementsAre("give default/web:8080 3"));
}

TEST_F(TrafficControlTest, OfADoorThatWasTakenOverTheUnwantedIsTakenAway) {
  control_.look_over({"default/gone:80"});
  pass(300ms);
  EXPECT_THAT(told(), ElementsAre("stop default/gone:80"));
}

TEST_F(TrafficControlTest, SocketsOfAPodThatIsTakenOverLaterComeThen) {
  PodStatus unaddressed = status(true);
  unaddressed.pod_ip.clear();
  store_.add_pod(pod("web", "u", 8080), unaddressed, {});
  told();
  sockets_.there = false;
  control_.on_sockets_wanted("default/web:8080", "u/0", 3);
  control_.on_sockets_wanted("default/web:8080", "nobody/0", 3);
  EXPECT_THAT(told(), IsEmpty());
  sockets_.there = true;
  loop_.run_until([&] { return !door_.told.empty(); }, 20s);
  EXPECT_THAT(told(), ElementsAre("give default/web:8080 3"));
}

}  // namespace
}  // namespace podvisor
