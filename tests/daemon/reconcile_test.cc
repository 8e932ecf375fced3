#include "daemon/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace podvisor {
namespace {

using testing::ElementsAre;

LoadedPod loaded(const std::string& name, const std::string& document) {
  auto pod = std::make_shared<Pod>();
  pod->metadata.name = name;
  pod->document = document;
  return {pod, {}};
}

std::vector<std::string> names(const std::vector<LoadedPod>& pods) {
  std::vector<std::string> found;
  for (const LoadedPod& each : pods) found.push_back(each.pod->metadata.name);
  return found;
}

TEST(Reconcile, WhatIsNewOrChangedIsAppliedTheRestLeftAlone) {
  const Applied applied{{{"default", "same"}, "1"}, {{"default", "changed"}, "1"}};
  const Changes changes =
      reconcile(applied, {loaded("same", "1"), loaded("changed", "2"), loaded("new", "1")});
  EXPECT_THAT(names(changes.apply), ElementsAre("changed", "new"));
  EXPECT_TRUE(changes.remove.empty());
}

TEST(Reconcile, WhatIsNoLongerAskedForIsRemoved) {
  const Applied applied{{{"default", "gone"}, "1"}, {{"other", "kept"}, "1"}};
  LoadedPod kept = loaded("kept", "1");
  std::const_pointer_cast<Pod>(kept.pod)->metadata.namespace_ = "other";
  const Changes changes = reconcile(applied, {kept});
  EXPECT_TRUE(changes.apply.empty());
  EXPECT_THAT(changes.remove, ElementsAre(PodName{"default", "gone"}));
}

TEST(Reconcile, AFilesDocumentsAreByKindAndName) {
  LoadResult file;
  file.pods = {loaded("web", "a pod")};
  auto service = std::make_shared<Service>();
  service->metadata.name = "web";
  service->document = "a Service";
  file.services = {{service, {}}};
  EXPECT_EQ(documents_of(file),
            (Documents{{"Pod/default/web", "a pod"}, {"Service/default/web", "a Service"}}));
}

TEST(Reconcile, TheSameNameInAnotherNamespaceIsAnotherPod) {
  const Applied applied{{{"other", "web"}, "1"}};
  const Changes changes = reconcile(applied, {loaded("web", "1")});
  EXPECT_THAT(names(changes.apply), ElementsAre("web"));
  EXPECT_THAT(changes.remove, ElementsAre(PodName{"other", "web"}));
}

/// Nothing of a pod changes while it lives: neither its probes nor its images.
TEST(Reconcile, PRB25_RST9_AnotherProbeOrImageIsAnotherPod) {
  const auto document = [](const char* path, const char* image) {
    return std::string("{\"livenessProbe\":\"") + path + "\",\"image\":\"" + image + "\"}";
  };
  const Applied applied{{{"default", "same"}, document("/", "a")},
                        {{"default", "probe"}, document("/", "a")},
                        {{"default", "image"}, document("/", "a")}};
  const Changes changes =
      reconcile(applied, {loaded("same", document("/", "a")), loaded("probe", document("/up", "a")),
                          loaded("image", document("/", "b"))});
  EXPECT_THAT(names(changes.apply), ElementsAre("probe", "image"));
}

}  // namespace
}  // namespace podvisor
