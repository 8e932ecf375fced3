// A Deployment's pods replaced and scaled under load, all behind one host port.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "traffic/acceptance.h"

namespace podvisor {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

class DeploymentRows : public Acceptance {
 protected:
  /// web() as a Deployment's template. Replicas share the files of the host, so that each has a
  /// configuration of its own.
  [[nodiscard]] std::string deployment(const std::string& version, int replicas) const {
    return R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: )" +
           std::to_string(replicas) + R"(
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
      annotations: {podvisor.io/fast-ready: "true"}
    spec:
      terminationGracePeriodSeconds: 5
      containers:
      - name: nginx
        command: [sh, -c, 'sed "s#nginx-)" +
           version + R"(.pid#$HOSTNAME.pid#" )" + nginx_conf(version) + " > " + dir() +
           "/$HOSTNAME.conf; exec /usr/sbin/nginx -c " + dir() + R"(/$HOSTNAME.conf']
        ports: [{name: http, containerPort: 80, hostPort: 8080}]
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 1}
)";
  }
  [[nodiscard]] bool available(int wanted) const {
    const CommandResult got = cli({"get", "deployment", "web", "-o", "json"});
    const json status = json::parse(got.out, nullptr, false).value("status", json::object());
    return status.value("updatedReplicas", 0) == wanted && status.value("replicas", 0) == wanted &&
           status.value("availableReplicas", 0) == wanted;
  }
};

TEST_F(DeploymentRows, ROL4_ADeploymentsRollingUpdateAndScaling) {
  serve();
  write_manifest("web.yaml", deployment("one", 3));
  ASSERT_TRUE(eventually([&] { return available(3); }, 60s)) << podvisor_log();
  begin_load();
  write_manifest("web.yaml", deployment("two", 3));
  expect_version("two");
  ASSERT_TRUE(eventually([&] { return available(3); }, 60s)) << podvisor_log();
  for (const int replicas : {5, 1}) {
    cli({"scale", "deployment/web", "--replicas=" + std::to_string(replicas)});
    ASSERT_TRUE(eventually([&] { return available(replicas); }, 60s)) << podvisor_log();
    go_on(20);
  }
  expect_none_failed();
}

}  // namespace
}  // namespace podvisor
