#include "podvisor/object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "podvisor/uid.h"

namespace podvisor {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr WallTime kNow{seconds(1'700'000'000)};

std::shared_ptr<const Pod> make_pod(const std::string& name, const std::string& uid) {
  auto pod = std::make_shared<Pod>();
  pod->metadata.name = name;
  pod->metadata.uid = uid;
  return pod;
}

EventObject started(const std::string& pod) {
  EventObject event;
  event.namespace_ = "default";
  event.involved_name = pod;
  event.involved_uid = pod + "-uid";
  event.field_path = "spec.containers{main}";
  event.reason = "Started";
  event.message = "Container started";
  return event;
}

std::string word(ChangeType type) {
  switch (type) {
    case ChangeType::Added:
      return "added ";
    case ChangeType::Modified:
      return "modified ";
    case ChangeType::Deleted:
      break;
  }
  return "deleted ";
}

struct ObjectStoreTest : testing::Test {
  ObjectStoreTest() {
    pod_watch = store.watch_pods([this](ChangeType type, const PodObject& object) {
      seen.push_back(word(type) + object.pod->metadata.uid);
      versions.push_back(object.resource_version);
    });
    store.watch_events([this](ChangeType type, const EventObject& event) {
      seen_events.push_back(word(type) + event.involved_name + " x" + std::to_string(event.count));
    });
  }

  ObjectStore store;
  std::uint64_t pod_watch = 0;
  std::vector<std::string> seen;
  std::vector<std::uint64_t> versions;
  std::vector<std::string> seen_events;
};

TEST_F(ObjectStoreTest, EveryChangeOfAPodIsToldInOrderWithARisingVersion) {
  const auto pod = make_pod("web", "u1");
  store.add_pod(pod, {}, kNow);
  PodStatus running;
  running.phase = PodPhase::Running;
  store.set_status(*pod, running);
  store.mark_deleted(*pod, kNow, seconds(30));
  store.remove_pod(*pod);
  EXPECT_THAT(seen, ElementsAre("added u1", "modified u1", "modified u1", "deleted u1"));
  EXPECT_THAT(versions, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(store.resource_version(), 4u);
  EXPECT_EQ(store.find_pod("default", "web"), nullptr);
}

TEST_F(ObjectStoreTest, AnUnchangedStatusIsNoChange) {
  const auto pod = make_pod("web", "u1");
  store.add_pod(pod, {}, kNow);
  store.set_status(*pod, {});
  EXPECT_THAT(seen, ElementsAre("added u1"));
  EXPECT_EQ(store.resource_version(), 1u);
}

TEST_F(ObjectStoreTest, DeletionTimestampIsTheEndOfTheGracePeriod) {
  const auto pod = make_pod("web", "u1");
  store.add_pod(pod, {}, kNow);
  store.mark_deleted(*pod, kNow, seconds(30));
  const PodObject* object = store.find_pod("default", "web");
  ASSERT_NE(object, nullptr);
  EXPECT_EQ(object->creation_timestamp, kNow);
  EXPECT_EQ(object->deletion_timestamp, kNow + seconds(30));
  EXPECT_EQ(object->deletion_grace_period, seconds(30));
}

TEST_F(ObjectStoreTest, NewsOfAPodThatWasReplacedDoesNotTouchItsSuccessor) {
  const auto old_pod = make_pod("web", "old");
  store.add_pod(old_pod, {}, kNow);
  store.add_pod(make_pod("web", "new"), {}, kNow);
  PodStatus failed;
  failed.phase = PodPhase::Failed;
  store.set_status(*old_pod, failed);
  store.mark_deleted(*old_pod, kNow, seconds(1));
  store.remove_pod(*old_pod);
  EXPECT_THAT(seen, ElementsAre("added old", "deleted old", "added new"));
  EXPECT_EQ(store.find_pod("default", "web")->status.phase, PodPhase::Pending);
}

TEST_F(ObjectStoreTest, AWatchThatEndedIsNotTold) {
  store.unwatch(pod_watch);
  store.add_pod(make_pod("web", "u1"), {}, kNow);
  EXPECT_THAT(seen, IsEmpty());
}

TEST_F(ObjectStoreTest, AWatcherMayEndItselfAndOthersWhileBeingTold) {
  std::uint64_t first = 0, second = 0;
  int calls = 0;
  first = store.watch_pods([&](ChangeType, const PodObject&) {
    ++calls;
    store.unwatch(second);
    store.unwatch(first);
  });
  second = store.watch_pods([&](ChangeType, const PodObject&) { calls += 100; });
  store.add_pod(make_pod("a", "u1"), {}, kNow);
  store.add_pod(make_pod("b", "u2"), {}, kNow);
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(seen, ElementsAre("added u1", "added u2"));
}

TEST_F(ObjectStoreTest, AWatchBegunWhileBeingToldStartsWithTheNextChange) {
  int calls = 0;
  bool begun = false;
  store.watch_pods([&](ChangeType, const PodObject&) {
    if (begun) return;
    begun = true;
    store.watch_pods([&](ChangeType, const PodObject&) { ++calls; });
  });
  store.add_pod(make_pod("a", "u1"), {}, kNow);
  EXPECT_EQ(calls, 0);
  store.add_pod(make_pod("b", "u2"), {}, kNow);
  EXPECT_EQ(calls, 1);
}

TEST_F(ObjectStoreTest, EVT24_RepeatsBumpTheCountAndMoveToTheEnd) {
  store.record(started("web"), kNow);
  store.record(started("db"), kNow);
  store.record(started("web"), kNow + seconds(5));
  ASSERT_EQ(store.events().size(), 2u);
  const EventObject& event = store.events().back();
  EXPECT_EQ(event.involved_name, "web");
  EXPECT_EQ(event.count, 2);
  EXPECT_EQ(event.first_timestamp, kNow);
  EXPECT_EQ(event.last_timestamp, kNow + seconds(5));
  EXPECT_THAT(seen_events, ElementsAre("added web x1", "added db x1", "modified web x2"));
}

TEST_F(ObjectStoreTest, EVT24_AnythingElseThatDiffersMakesAnEventOfItsOwn) {
  store.record(started("web"), kNow);
  const auto record_with = [&](auto change) {
    EventObject event = started("web");
    change(event);
    store.record(event, kNow);
  };
  record_with([](EventObject& e) { e.message = "other"; });
  record_with([](EventObject& e) { e.reason = "Created"; });
  record_with([](EventObject& e) { e.warning = true; });
  record_with([](EventObject& e) { e.field_path = "spec.containers{php}"; });
  record_with([](EventObject& e) { e.involved_uid = "another"; });
  EXPECT_EQ(store.events().size(), 6u);
}

TEST_F(ObjectStoreTest, EventsOfOneMomentHaveNamesAndUidsOfTheirOwn) {
  for (int i = 0; i < 50; ++i) {
    EventObject event = started("web");
    event.message = std::to_string(i);
    store.record(event, kNow);
  }
  std::set<std::string> names, uids;
  for (const EventObject& event : store.events()) {
    names.insert(event.name);
    uids.insert(event.uid);
  }
  EXPECT_EQ(names.size(), 50u);
  EXPECT_EQ(uids.size(), 50u);
  EXPECT_THAT(*names.begin(), testing::MatchesRegex("web\\.[0-9a-f]+"));
}

TEST_F(ObjectStoreTest, OldestEventsGoFirstAndWatchersAreTold) {
  for (std::size_t i = 0; i <= ObjectStore::kMaxEvents; ++i)
    store.record(started("pod" + std::to_string(i)), kNow);
  EXPECT_EQ(store.events().size(), ObjectStore::kMaxEvents);
  EXPECT_EQ(store.events().front().involved_name, "pod1");
  EXPECT_EQ(seen_events.back(), "deleted pod0 x1");
}

TEST(Uid, IsARandomUuid) {
  EXPECT_THAT(
      make_uid(),
      testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_NE(make_uid(), make_uid());
}

PodStatus ready_status() {
  PodStatus status;
  status.phase = PodPhase::Running;
  status.conditions.push_back({.type = "Ready", .status = true});
  status.traffic.open = true;
  return status;
}

TEST_F(ObjectStoreTest, APodBesideIsSeenByThoseOnlyWhoWatchInstances) {
  std::vector<std::string> instances;
  store.watch_instances([&](ChangeType type, const PodObject& object) {
    instances.push_back(word(type) + object.pod->metadata.uid);
  });
  const auto incoming = make_pod("web", "u2");
  store.add_pod(make_pod("web", "u1"), {}, kNow);
  store.add_beside(incoming, {}, kNow);
  store.set_status(*incoming, ready_status());
  EXPECT_THAT(seen, ElementsAre("added u1"));
  EXPECT_THAT(instances, ElementsAre("added u1", "added u2", "modified u2"));
  EXPECT_EQ(store.find_pod("default", "web")->pod->metadata.uid, "u1");
  EXPECT_EQ(store.find_instance(*incoming)->status.phase, PodPhase::Running);
  EXPECT_FALSE(gets_traffic(*store.find_instance(*incoming)));
  store.remove_pod(*incoming);
  EXPECT_THAT(store.beside(), IsEmpty());
  EXPECT_EQ(store.pods().size(), 1U);
}

TEST_F(ObjectStoreTest, DIF3_ASwitchIsOneStepForWhoeverLooks) {
  const auto old = make_pod("web", "u1");
  const auto incoming = make_pod("web", "u2");
  store.add_pod(old, ready_status(), kNow);
  store.add_beside(incoming, ready_status(), kNow);
  std::vector<std::size_t> with_traffic;
  store.watch_instances([&](ChangeType, const PodObject&) {
    with_traffic.push_back(gets_traffic(*store.find_instance(*old)) +
                           gets_traffic(*store.find_instance(*incoming)) * 10U);
  });
  store.switch_to(*incoming);
  EXPECT_THAT(with_traffic, ElementsAre(10U, 10U));
  EXPECT_THAT(seen, ElementsAre("added u1", "deleted u1", "added u2"));
  EXPECT_EQ(store.find_pod("default", "web")->pod->metadata.uid, "u2");
  store.switch_to(*old);  // and back
  EXPECT_TRUE(gets_traffic(*store.find_pod("default", "web")));
  EXPECT_EQ(store.find_pod("default", "web")->pod->metadata.uid, "u1");
  EXPECT_EQ(store.beside().size(), 1U);
}

TEST_F(ObjectStoreTest, APodBesideTakesTheNameOfOneThatIsGone) {
  const auto old = make_pod("web", "u1");
  const auto incoming = make_pod("web", "u2");
  store.add_pod(old, {}, kNow);
  store.add_beside(incoming, ready_status(), kNow);
  store.remove_pod(*old);
  EXPECT_EQ(store.find_pod("default", "web"), nullptr);
  store.switch_to(*incoming);
  EXPECT_EQ(store.find_pod("default", "web")->pod->metadata.uid, "u2");
  EXPECT_THAT(store.beside(), IsEmpty());
  EXPECT_THAT(seen, ElementsAre("added u1", "deleted u1", "added u2"));
}

TEST_F(ObjectStoreTest, DIF3_1_APodOnItsWayOutGetsNoTraffic) {
  const auto pod = make_pod("web", "u1");
  store.add_pod(pod, ready_status(), kNow);
  EXPECT_TRUE(gets_traffic(*store.find_pod("default", "web")));
  store.mark_deleted(*pod, kNow, seconds(30));
  EXPECT_FALSE(gets_traffic(*store.find_pod("default", "web")));
}

}  // namespace
}  // namespace podvisor
