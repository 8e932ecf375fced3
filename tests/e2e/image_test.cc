// Containers with images, from the manifest to what they see of themselves. The images are made
// here, of busybox, and taken from an OCI layout: no registry is asked.
#include <gmock/gmock.h>

#include "e2e/image_host.h"

namespace podvisor {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using ImageTest = ImageHost;

TEST_F(ImageTest, IsWhatTheImageSays) {
  make_image("own", {"--config.user", "app", "--config.workingdir", "/srv/owned", "--config.env",
                     "GREETING=hello", "--config.entrypoint", "sh", "--config.entrypoint", "-c",
                     "--config.cmd", "echo $GREETING $HOME; id; pwd; touch here; exit 7"});
  serve();
  write_pod("  - {name: main, image: '" + image_name("own") + "'}\n", "  restartPolicy: Never\n");
  EXPECT_TRUE(eventually([&] { return !ended("main").is_null(); })) << why();
  EXPECT_EQ(ended("main").value("exitCode", 0), 7) << why();
  EXPECT_THAT(log(), HasSubstr("hello /srv/owned\n"));
  EXPECT_THAT(log(), HasSubstr("uid=1000(app) gid=1000(app) groups=50(staff)"));
  EXPECT_THAT(log(), HasSubstr("\n/srv/owned\n"));
  EXPECT_THAT(events("a"), Contains(StartsWith("Pulled Successfully pulled image \"oci:")));
}

TEST_F(ImageTest, RST11_EachRunBeginsWithTheImageAsItIs) {
  serve();
  write_pod(main_container("test -e /mark && exit 9; touch /mark; exit 3"),
            "  restartPolicy: OnFailure\n");
  EXPECT_TRUE(eventually([&] { return container("a", "main").value("restartCount", 0) >= 1; }))
      << why();
  EXPECT_TRUE(eventually([&] {
    const json last =
        container("a", "main").value(json::json_pointer("/lastState/terminated"), json());
    return !last.is_null() && last.value("exitCode", 0) == 3;
  })) << why();
  EXPECT_TRUE(eventually([&] { return !waiting("main").is_null(); })) << why();
  EXPECT_THAT(container("a", "main").dump(), Not(HasSubstr("\"exitCode\":9")));
}

TEST_F(ImageTest, RES9_TheOomKillerIsSeen) {
  said_by("dd if=/dev/zero of=/dev/null bs=64M count=1; sleep 0; exit 5",
          "    resources: {limits: {memory: 16Mi}}\n");
  const json end = ended("main");
  // The shell lives when only dd is killed: v1 kills one process.
  EXPECT_TRUE(end.value("reason", "") == "OOMKilled" || end.value("exitCode", 0) == 5) << why();
  EXPECT_THAT(why(), HasSubstr("OOM"));
}

TEST_F(ImageTest, ExecProbesRunInside) {
  serve();
  write_pod(main_container(
      "touch /tmp/ok; sleep 1000; true",
      "    securityContext: {runAsUser: 1000}\n"
      "    readinessProbe:\n      periodSeconds: 1\n"
      "      exec: {command: [sh, -c, 'test $(id -u) = 1000 && test -e /tmp/ok && grep -q sh "
      "/proc/1/comm']}\n"));
  EXPECT_TRUE(eventually([&] { return ready("a"); })) << why();
}

TEST_F(ImageTest, HasItsPodsFilesAndVolumes) {
  const std::string text = said_by(
      "cat /etc/hosts /etc/hostname; hostname; cat /etc/resolv.conf >/dev/null && echo resolv; "
      "echo "
      "why >/dev/termination-log; ls /data; cat /data/from-init; df -h /dev/shm | tail -1",
      "    volumeMounts: [{name: data, mountPath: /data, readOnly: true}]\n",
      "  hostname: web\n  hostAliases: [{ip: 10.1.2.3, hostnames: [db]}]\n"
      "  volumes: [{name: data, emptyDir: {}}]\n  initContainers:\n  - name: init\n    image: '" +
          image_name() +
          "'\n    command: [sh, -c, 'echo it-was-there >/data/from-init']\n"
          "    volumeMounts: [{name: data, mountPath: /data}]\n");
  EXPECT_THAT(text, HasSubstr("10.1.2.3\tdb"));
  EXPECT_THAT(text, HasSubstr("web\nweb\nresolv\nfrom-init\nit-was-there\n"));
  EXPECT_EQ(ended("main").value("message", ""), "why\n") << why();
}

TEST_F(ImageTest, SEC8_HasTheRuntimesCapabilitiesAndNoMore) {
  const std::string text =
      said_by("grep -E \"Cap(Bnd|Eff|Amb)|NoNewPrivs|Seccomp:\" /proc/self/status",
              "    securityContext: {allowPrivilegeEscalation: false, "
              "seccompProfile: {type: RuntimeDefault}}\n");
  EXPECT_THAT(text, HasSubstr("CapBnd:\t00000000a80425fb"));
  EXPECT_THAT(text, HasSubstr("CapEff:\t00000000a80425fb"));
  EXPECT_THAT(text, HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(text, HasSubstr("Seccomp:\t2"));
}

TEST_F(ImageTest, SEC9_ReadOnlyRootFilesystem) {
  const std::string text = said_by("touch /no 2>&1; touch /dev/shm/yes && echo written",
                                   "    securityContext: {readOnlyRootFilesystem: true}\n");
  EXPECT_THAT(text, HasSubstr("Read-only file system"));
  EXPECT_THAT(text, HasSubstr("written"));
}

TEST_F(ImageTest, NET1_AloneInItsPidNamespaceUnlessThePodShares) {
  EXPECT_THAT(said_by("echo I am $$$$; ls -d /proc/[0-9]* | wc -l"), StartsWith("I am 1\n"));
}

TEST_F(ImageTest, NET1_SharesItsPodsPidNamespace) {
  serve();
  write_pod(main_container("sleep 1; echo I am $$$$; ps; exit 4") +
                "  - name: other\n    image: '" + image_name() +
                "'\n    command: [sleep, \"1234\"]\n",
            "  restartPolicy: Never\n  shareProcessNamespace: true\n");
  EXPECT_TRUE(eventually([&] { return !ended("main").is_null(); })) << why();
  EXPECT_EQ(ended("main").value("exitCode", 0), 4) << why();
  const std::string text = cli({"logs", "a", "-c", "main"}).out;
  EXPECT_THAT(text, Not(StartsWith("I am 1\n")));
  EXPECT_THAT(text, HasSubstr("sleep 1234"));
}

TEST_F(ImageTest, IMG3_ReasonsWhyItDoesNotStart) {
  serve();
  write_pod(
      "  - {name: never, image: not-here:1, imagePullPolicy: Never}\n"
      "  - name: command\n    image: '" +
      image_name() +
      "'\n    command: [/no/such]\n"
      "  - name: user\n    image: '" +
      image_name() +
      "'\n    command: [sh]\n"
      "    securityContext: {runAsNonRoot: true}\n");
  EXPECT_TRUE(eventually([&] {
    return waiting("never").value("reason", "") == "ErrImageNeverPull" &&
           waiting("user").value("reason", "") == "CreateContainerConfigError";
  })) << why();
  EXPECT_TRUE(eventually([&] {
    return container("a", "command").dump().find("/no/such") != std::string::npos;
  })) << why();
  EXPECT_THAT(waiting("user").value("message", ""), HasSubstr("image will run as root"));
}

/// The manifest that many a tutorial begins with, as it is.
TEST_F(ImageTest, TheTutorialsManifestRunsVerbatim) {
  make_image("chrome", {"--config.entrypoint", "sh", "--config.entrypoint", "-c", "--config.cmd",
                        "trap exit TERM; env; sleep 1000 & wait"});
  ASSERT_EQ(image({"load", image_name("chrome"), "registry.4paradigm.com/chrome_debug",
                   "--runtime-dir", dir() + "/run"})
                .exit_code,
            0);
  serve();
  write_manifest("test.yaml", R"(apiVersion: v1
kind: Pod
metadata:
  name: test
  labels:
    run: test
spec:
  nodeSelector:
    env: test
  containers:
  - name: selenium-node-chrome
    image: registry.4paradigm.com/chrome_debug
    imagePullPolicy: IfNotPresent
    ports:
    - containerPort: 5900
    env:
    - name: HUB_PORT_4444_TCP_ADDR
      value: "selenium-hub"
    - name: HUB_PORT_4444_TCP_PORT
      value: "4444"
    - name: NODE_MAX_INSTANCES
      value: "30"
    - name: NODE_MAX_SESSION
      value: "30"
    - name: NODE_REGISTER_CYCLE
      value: "5000"
    - name: DBUS_SESSION_BUS_ADDRESS
      value: "/dev/null"
)");
  EXPECT_TRUE(eventually([&] {
    return pod("test").dump().find("didn't match") != std::string::npos;
  })) << pod("test").dump(1);
  EXPECT_EQ(pod("test").value(json::json_pointer("/status/phase"), ""), "Pending");
  EXPECT_EQ(cli({"label", "node", "env=test"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] { return ready("test"); })) << pod("test").dump(1);
  const auto environment = [this] { return cli({"logs", "test"}).out; };
  EXPECT_TRUE(eventually(
      [&] { return environment().find("DBUS_SESSION_BUS_ADDRESS=") != std::string::npos; }));
  EXPECT_THAT(environment(), HasSubstr("HUB_PORT_4444_TCP_ADDR=selenium-hub\n"));
  EXPECT_THAT(environment(), HasSubstr("HUB_PORT_4444_TCP_PORT=4444\n"));
  EXPECT_THAT(environment(), HasSubstr("NODE_MAX_INSTANCES=30\n"));
  EXPECT_THAT(environment(), HasSubstr("NODE_MAX_SESSION=30\n"));
  EXPECT_THAT(environment(), HasSubstr("NODE_REGISTER_CYCLE=5000\n"));
  EXPECT_THAT(environment(), HasSubstr("DBUS_SESSION_BUS_ADDRESS=/dev/null\n"));
  EXPECT_EQ(cli({"label", "node", "env-"}).exit_code, 0);
}

}  // namespace
}  // namespace podvisor
