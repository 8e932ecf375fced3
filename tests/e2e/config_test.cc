// ConfigMaps, Secrets and what a pod knows of itself, as the files and variables of its containers.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "e2e/host.h"

namespace podvisor {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class Config : public Host {
 protected:
  /// A file as the container sees it.
  [[nodiscard]] std::string seen(const std::string& path) const {
    return read_file("/proc/" + std::to_string(pid_of("web", "main")) + "/root" + path);
  }
  /// Replaces DIR by a directory for mount points.
  [[nodiscard]] std::string placed(std::string manifest) const {
    for (std::size_t at = 0; (at = manifest.find("DIR", at)) != std::string::npos;)
      manifest.replace(at, 3, dir() + "/in");
    return manifest;
  }
};

constexpr const char* kObjects = R"(
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: blue, greeting: hello}
binaryData: {blob: AAEC}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
data: {password: aHVzaA==}
stringData: {user: nobody}
)";

constexpr const char* kWeb = R"(
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: shop}, annotations: {podvisor.io/network: none}}
spec:
  terminationGracePeriodSeconds: 0
  volumes:
  - {name: settings, configMap: {name: settings, defaultMode: 0440}}
  - {name: login, secret: {secretName: login, items: [{key: password, path: deep/pw, mode: 0400}]}}
  - {name: pod, downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}}
  - name: all
    projected:
      sources:
      - configMap: {name: settings, items: [{key: color, path: color}]}
      - secret: {name: login, items: [{key: user, path: user}]}
      - downwardAPI: {items: [{path: app, fieldRef: {fieldPath: "metadata.labels['app']"}}]}
      - configMap: {name: none, optional: true}
  containers:
  - name: main
    command: [sh, -c, 'echo $COLOR $user $PASSWORD; exec sleep 1000']
    envFrom: [{secretRef: {name: login}}]
    env:
    - {name: COLOR, valueFrom: {configMapKeyRef: {name: settings, key: color}}}
    - {name: PASSWORD, valueFrom: {secretKeyRef: {name: login, key: password}}}
    volumeMounts:
    - {name: settings, mountPath: DIR/settings}
    - {name: settings, mountPath: DIR/color, subPath: color}
    - {name: login, mountPath: DIR/login}
    - {name: pod, mountPath: DIR/pod}
    - {name: all, mountPath: DIR/all}
)";

TEST_F(Config, VOL7_EveryKindOfFileAndVariable) {
  serve();
  write_manifest("b.yaml", kObjects);
  write_manifest("a.yaml", placed(kWeb));
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  const std::string in = dir() + "/in";
  EXPECT_EQ(seen(in + "/settings/greeting"), "hello");
  EXPECT_EQ(seen(in + "/settings/blob"), std::string("\0\1\2", 3));
  EXPECT_EQ(seen(in + "/color"), "blue");
  EXPECT_EQ(seen(in + "/login/deep/pw"), "hush");
  EXPECT_EQ(seen(in + "/pod/name"), "web");
  EXPECT_EQ(seen(in + "/all/color") + seen(in + "/all/user") + seen(in + "/all/app"),
            "bluenobodyshop");
  const std::string root = "/proc/" + std::to_string(pid_of("web", "main")) + "/root" + in;
  EXPECT_EQ(std::filesystem::status(root + "/login/deep/pw").permissions(),
            std::filesystem::perms(0400));
  EXPECT_FALSE(std::filesystem::exists(root + "/login/user"));
  EXPECT_FALSE(std::ofstream(root + "/all/user").is_open()) << "read-only, whatever is asked for";
  EXPECT_TRUE(eventually([&] { return cli({"logs", "web"}).out == "blue nobody hush\n"; }));
  EXPECT_THAT(podvisor_log() + testing::PrintToString(events("web")), Not(HasSubstr("hush")));
}

/// Another colour and another password.
std::string changed_objects() {
  std::string changed = kObjects;
  changed.replace(changed.find("blue"), 4, "red");
  changed.replace(changed.find("aHVzaA=="), 8, "bG91ZA==");
  return changed;
}

/// The pod with mounted directories alone: no variable and no subPath.
std::string only_mounted() {
  std::istringstream lines(kWeb);
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    const bool used = line.find("env") != std::string::npos ||
                      line.find("KeyRef") != std::string::npos ||
                      line.find("subPath") != std::string::npos;
    if (!used) kept += line + "\n";
  }
  return kept;
}

TEST_F(Config, VOL8_AChangeArrivesInMountedFilesAndRestartsNothing) {
  serve();
  write_manifest("a.yaml", kObjects);
  write_manifest("web.yaml", placed(only_mounted()));
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  const int pid = pid_of("web", "main");
  write_manifest("a.yaml", changed_objects());
  const std::string in = dir() + "/in";
  EXPECT_TRUE(eventually([&] { return seen(in + "/settings/color") == "red"; })) << podvisor_log();
  EXPECT_TRUE(eventually([&] { return seen(in + "/login/deep/pw") == "loud"; }));
  EXPECT_TRUE(eventually([&] { return seen(in + "/all/color") == "red"; }));
  EXPECT_EQ(seen(in + "/settings/greeting"), "hello");
  EXPECT_EQ(pid_of("web", "main"), pid) << "nothing is restarted for it";
}

TEST_F(Config, VOL10_DWN7_AChangeOfWhatAVariableOrASubPathHasIsANewPod) {
  serve();
  write_manifest("a.yaml", kObjects);
  write_manifest("web.yaml", placed(kWeb));
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  const int pid = pid_of("web", "main");
  const std::string in = dir() + "/in";
  EXPECT_EQ(seen(in + "/color"), "blue");
  write_manifest("a.yaml", changed_objects());
  ASSERT_TRUE(eventually([&] { return pid_of("web", "main") != pid && ready("web"); }))
      << podvisor_log();
  EXPECT_EQ(seen(in + "/color"), "red");
  EXPECT_THAT(read_file("/proc/" + std::to_string(pid_of("web", "main")) + "/environ"),
              HasSubstr("COLOR=red"));
}

TEST_F(Config, ENV7_DIF4_2_WhatIsMissingIsWaitedFor) {
  serve();
  write_manifest("web.yaml", placed(kWeb));
  ASSERT_TRUE(eventually([&] { return !events("web").empty(); })) << podvisor_log();
  EXPECT_EQ(pod("web")["status"]["phase"], "Pending");
  EXPECT_THAT(events("web"), Contains(HasSubstr("configmap \"settings\" not found")));
}

}  // namespace
}  // namespace podvisor
