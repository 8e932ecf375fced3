#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "loading.h"

namespace podvisor {
namespace {

using testing::HasSubstr;

std::string pod_named(const std::string& name, const std::string& namespace_ = "default") {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", namespace: " + namespace_ +
         "}\nspec: {containers: [{name: a, command: [a]}]}\n";
}

std::vector<std::string> names(const LoadResult& result) {
  std::vector<std::string> all;
  for (const LoadedPod& loaded : result.pods) all.push_back(loaded.pod->metadata.name);
  return all;
}

class Directory : public testing::Test {
 protected:
  Directory() {
    std::string pattern = testing::TempDir() + "podvisor-manifest-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~Directory() override { std::filesystem::remove_all(path_); }

  std::string write(const std::string& name, const std::string& text) const {
    const std::string path = path_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }

  std::string path_;
};

TEST(Load, ReadsManyDocuments) {
  EXPECT_EQ(
      names(load(pod_named("a") + "---\n---\n" + pod_named("b") + "...\n---\n" + pod_named("c"))),
      (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Load, ReadsTheItemsOfAList) {
  const std::string pods =
      "\n- " + indent(pod_named("a"), 2).substr(2) + "- " + indent(pod_named("b"), 2).substr(2);
  EXPECT_EQ(names(load("apiVersion: v1\nkind: List\nitems:" + pods)),
            (std::vector<std::string>{"a", "b"}));
  EXPECT_THAT(messages_of("kind: List\n"), HasSubstr("pod.yaml:1:1: items: Required value"));
  EXPECT_THAT(messages_of("kind: List\nitems: a\n"), HasSubstr("items: Invalid value: \"a\""));
  EXPECT_THAT(messages_of("kind: List\nitems: [{kind: List}]\n"), HasSubstr("another list"));
}

TEST(Load, RefusesOtherKinds) {
  EXPECT_EQ(messages_of("apiVersion: v1\nkind: CronJob\n"),
            "pod.yaml:2:7: kind: kind CronJob is not supported yet; podvisor takes Pod, ConfigMap, "
            "Secret, Namespace, Deployment, Service, List\n");
  EXPECT_THAT(messages_of("kind: pod\n"), HasSubstr("kind \"pod\" is unknown; did you mean Pod?"));
  EXPECT_THAT(messages_of("kind: Zebra\n"), HasSubstr("is unknown; podvisor takes Pod"));
  EXPECT_THAT(messages_of("a: b\n"), HasSubstr("pod.yaml:1:1: kind: Required value"));
}

TEST(Load, APodWithErrorsIsLeftOutAndOthersAreNot) {
  const LoadResult result = load(pod_named("A") + "---\n" + pod_named("b"));
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(names(result), std::vector<std::string>{"b"});
}

TEST(Load, TwoPodsOfOneNameAreAnErrorThatNamesBothPlaces) {
  EXPECT_EQ(messages_of(pod_named("a") + "---\n" + pod_named("a")),
            "pod.yaml:8:18: metadata.name: Duplicate value: \"default/a\": this pod is already at "
            "pod.yaml:3:18\n");
  EXPECT_EQ(names(load(pod_named("a") + "---\n" + pod_named("a", "other"))),
            (std::vector<std::string>{"a", "a"}));
}

TEST(Load, KnowsWhereFieldsAre) {
  const LoadResult result =
      load(pod_text("livenessProbe:\n  tcpSocket:\n    port: 1\nargs: [a, b]"));
  const LoadedPod& pod = result.pods.at(0);
  const auto place = [&](const char* field) { return to_string(locate(pod, field)); };
  EXPECT_EQ(place("metadata.name"), "pod.yaml:4:9");
  EXPECT_EQ(place("spec.containers[0]"), "pod.yaml:7:7");
  EXPECT_EQ(place("spec.containers[0].command"), "pod.yaml:8:7");
  EXPECT_EQ(place("spec.containers[0].command[0]"), "pod.yaml:8:17");
  EXPECT_EQ(place("spec.containers[0].livenessProbe.tcpSocket.port"), "pod.yaml:11:17");
  EXPECT_EQ(place("spec.containers[0].livenessProbe.tcpSocket.host"), "pod.yaml:10:9");
  EXPECT_EQ(place("spec.containers[0].securityContext.runAsUser"), "pod.yaml:7:7");
  EXPECT_EQ(place("nothing"), "pod.yaml:1:1");
}

TEST_F(Directory, IsReadInOrderWithoutDotFilesAndSubdirectories) {
  write("b.yml", pod_named("b"));
  write("a.yaml", pod_named("a"));
  write("c.json", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"},"spec":{"containers":[
      {"name":"a","command":["a"]}]}})");
  write(".hidden.yaml", "broken: [");
  write("README.md", "broken: [");
  ::mkdir((path_ + "/sub").c_str(), 0700);
  write("sub/d.yaml", pod_named("d"));
  const LoadResult result = load_path(path_, {});
  EXPECT_EQ(names(result), (std::vector<std::string>{"a", "b", "c"})) << messages(result);
  EXPECT_EQ(locate(result.pods[0], "").file, path_ + "/a.yaml");
}

TEST_F(Directory, SaysWhenItHasNoManifest) {
  EXPECT_EQ(messages(load_path(path_, {})),
            path_ + ": no *.yaml, *.yml or *.json in this directory\n");
}

TEST_F(Directory, APodMayStandInOneFileOnly) {
  write("a.yaml", pod_named("a"));
  write("b.yaml", pod_named("a"));
  const LoadResult result = load_path(path_, {});
  EXPECT_EQ(names(result), std::vector<std::string>{"a"});
  EXPECT_THAT(messages(result), HasSubstr("this pod is already at " + path_ + "/a.yaml:3:18"));
}

TEST_F(Directory, WhatIsNoFileIsAnErrorAndNeverWaitedFor) {
  ::mkdir((path_ + "/a.yaml").c_str(), 0700);
  ASSERT_EQ(::mkfifo((path_ + "/b.yaml").c_str(), 0600), 0);
  EXPECT_EQ(messages(load_path(path_, {})), path_ + "/a.yaml: is not a regular file\n" + path_ +
                                                "/b.yaml: is not a regular file\n");
}

TEST_F(Directory, AFileIsReadByItsName) {
  const std::string path = write("anything", pod_named("a"));
  EXPECT_EQ(names(load_path(path, {})), std::vector<std::string>{"a"});
}

TEST_F(Directory, ATooLargeFileIsOneError) {
  const std::string path = write("big.yaml", "");
  std::filesystem::resize_file(path, 10 << 20);
  EXPECT_EQ(messages(load_path(path, {})),
            path +
                ": larger than 3 MiB, which no manifest needs to be; split it into several "
                "files\n");
}

TEST(Load, AnEndlessFileIsOneError) {
  EXPECT_THAT(messages(load_path("/dev/zero", {})), HasSubstr("/dev/zero: larger than 3 MiB"));
}

TEST(Load, AMissingFileIsOneError) {
  EXPECT_EQ(messages(load_path("/nonexistent/pod.yaml", {})),
            "/nonexistent/pod.yaml: cannot be opened: No such file or directory\n");
}

}  // namespace
}  // namespace podvisor
