#include "api/watch.h"

#include <gmock/gmock.h>

#include <sstream>

#include "api/server_fixture.h"

namespace podvisor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct WatchTest : ApiServerFixture {
  WatchTest() : ApiServerFixture(limits()) {}

  static HttpLimits limits() {
    HttpLimits limits;
    limits.max_pending = 50'000;
    return limits;
  }
  RawClient watch(const std::string& target = "/api/v1/pods?watch=true") {
    auto c = client();
    c.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(c.wait_for("\r\n\r\n"));
    return c;
  }
  /// "ADDED web", one a line, once `count` of them have come.
  std::vector<std::string> changes(RawClient& c, std::size_t count) {
    std::vector<std::string> seen;
    EXPECT_TRUE(turn_until(loop, [&] {
      static_cast<void>(c.wait_for(""));
      seen.clear();
      std::istringstream lines(c.body());
      for (std::string line; std::getline(lines, line) && !lines.eof();) {
        const Json change = Json::parse(line);
        const std::string type = change["type"];
        seen.push_back(type + " " + change["object"]["metadata"]["name"].get<std::string>());
      }
      return seen.size() >= count;
    })) << c.received();
    return seen;
  }
  /// Everything that is on its way has arrived when this has.
  void settle(RawClient& c) {
    add("zz-last");
    ASSERT_TRUE(c.wait_for("zz-last"));
  }
};

TEST_F(WatchTest, BeginsWithWhatExistsAndGoesOnWithChanges) {
  const auto web = add("web");
  auto c = watch();
  EXPECT_THAT(changes(c, 1), ElementsAre("ADDED web"));
  const auto db = add("db");
  store.set_status(*web, running_status(*web, false));
  store.remove_pod(*db);
  EXPECT_THAT(changes(c, 4), ElementsAre("ADDED web", "ADDED db", "MODIFIED web", "DELETED db"));
}

TEST_F(WatchTest, CarriesWholeObjects) {
  add("web");
  auto c = watch();
  changes(c, 1);
  const Json object = Json::parse(c.body())["object"];
  EXPECT_EQ(object["kind"], "Pod");
  EXPECT_EQ(object["status"]["phase"], "Running");
}

TEST_F(WatchTest, SelectorsApplyToChanges) {
  const auto web = add("web");
  auto c = watch("/api/v1/namespaces/default/pods?watch=1&fieldSelector=metadata.name%3Dweb");
  add("db");
  store.set_status(*web, running_status(*web, false));
  EXPECT_THAT(changes(c, 2), ElementsAre("ADDED web", "MODIFIED web"));
}

TEST_F(WatchTest, AnObjectThatStopsMatchingIsDeletedForTheWatcher) {
  const auto web = add("web");
  auto c = watch("/api/v1/pods?watch=true&fieldSelector=status.phase%3DRunning");
  PodStatus pending = running_status(*web);
  pending.phase = PodPhase::Pending;
  store.set_status(*web, pending);
  store.set_status(*web, running_status(*web));
  store.remove_pod(*web);
  EXPECT_THAT(changes(c, 4), ElementsAre("ADDED web", "DELETED web", "ADDED web", "DELETED web"));
}

TEST_F(WatchTest, FromAListsVersionItShowsWhatChangedSince) {
  const auto old_pod = add("old");
  const auto web = add("web");
  const auto gone = add("gone");
  const std::string version = get("/api/v1/pods")["metadata"]["resourceVersion"];
  store.set_status(*web, running_status(*web, false));
  store.remove_pod(*gone);
  const auto blink = add("blink");
  store.remove_pod(*blink);
  add("new");
  auto c = watch("/api/v1/pods?watch=true&resourceVersion=" + version);
  EXPECT_THAT(changes(c, 3), ElementsAre("MODIFIED web", "DELETED gone", "ADDED new"));
  store.set_status(*old_pod, running_status(*old_pod, false));
  EXPECT_THAT(changes(c, 4),
              ElementsAre("MODIFIED web", "DELETED gone", "ADDED new", "MODIFIED old"));
}

TEST_F(WatchTest, FromTheLatestVersionItBeginsSilent) {
  add("web");
  auto c = watch("/api/v1/pods?watch=true&resourceVersion=1");
  settle(c);
  EXPECT_THAT(changes(c, 1), ElementsAre("ADDED zz-last"));
}

TEST_F(WatchTest, AVersionOfALaterPastOrNobodysIsExpired) {
  for (std::size_t i = 0; i <= Removals<PodKind>::kMax; ++i)
    store.remove_pod(*add("pod" + std::to_string(i)));
  const Json status = get("/api/v1/pods?watch=true&resourceVersion=1", 410);
  EXPECT_EQ(status["reason"], "Expired");
  EXPECT_EQ(status["message"],
            "too old resource version: 1 (" + std::to_string(store.resource_version()) + ")");
  // From before a restart of podvisor, when counting began anew.
  get("/api/v1/pods?watch=true&resourceVersion=99999", 410);
  get("/api/v1/pods?watch=true&resourceVersion=x", 400);
  get("/api/v1/pods?watch=true&resourceVersion=-1", 400);
}

TEST_F(WatchTest, WatchesEvents) {
  EventObject event;
  event.namespace_ = "default";
  event.involved_name = "web";
  event.involved_uid = "web-uid";
  event.reason = "Started";
  auto c = watch("/api/v1/events?watch=true&fieldSelector=reason%3DStarted");
  store.record(event, kNoon);
  store.record(event, kNoon);
  event.reason = "Killing";
  store.record(event, kNoon);
  event.reason = "Started";
  store.record(event, kNoon);
  ASSERT_TRUE(c.wait_for("\"count\":3"));
  EXPECT_THAT(c.received(), testing::HasSubstr("\"type\":\"MODIFIED\""));
  EXPECT_THAT(c.received(), testing::Not(testing::HasSubstr("Killing")));
}

TEST_F(WatchTest, EndsAfterTheTimeAskedFor) {
  auto c = watch("/api/v1/pods?watch=true&timeoutSeconds=0");
  EXPECT_TRUE(c.wait_for_answer());
  EXPECT_THAT(c.body(), IsEmpty());
}

TEST_F(WatchTest, AWatcherThatStopsReadingIsCutOffAndTheOthersGoOn) {
  const auto web = add("web");
  auto slow = watch();
  auto quick = watch();
  bool ready = false;
  // It never reads; that it has been hung up on shows when it sends.
  EXPECT_TRUE(turn_until(loop, [&] {
    for (int i = 0; i < 20; ++i) store.set_status(*web, running_status(*web, ready = !ready));
    static_cast<void>(quick.wait_for(""));
    return !slow.send("z");
  }));
  settle(quick);
}

TEST_F(WatchTest, WatchersThatLeaveAreForgotten) {
  for (int i = 0; i < 20; ++i) {
    auto c = watch();
    c.close();
  }
  auto c = watch();
  settle(c);
}

TEST_F(WatchTest, StoppingTheServerEndsWatches) {
  auto c = watch();
  server.reset();
  EXPECT_TRUE(c.wait_for_close());
  add("web");  // nobody is told
}

TEST_F(WatchTest, AHundredWatchersSeeEveryChange) {
  std::vector<std::unique_ptr<RawClient>> watchers;
  for (int i = 0; i < 100; ++i) {
    watchers.push_back(std::make_unique<RawClient>(loop, socket()));
    watchers.back()->send("GET /api/v1/pods?watch=true HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  for (const auto& w : watchers) ASSERT_TRUE(w->wait_for("\r\n\r\n"));
  const auto web = add("web");
  store.remove_pod(*web);
  for (const auto& w : watchers)
    EXPECT_THAT(changes(*w, 2), ElementsAre("ADDED web", "DELETED web"));
}

}  // namespace
}  // namespace podvisor
