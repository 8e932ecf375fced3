// A real Prometheus scrapes a real podvisor.
#include <gmock/gmock.h>

#include <fstream>

#include "e2e/host.h"

namespace podvisor {
namespace {

using nlohmann::json;

class Scrape : public Host {
 protected:
  [[nodiscard]] json query(const std::string& expression) const {
    const CommandResult got = run_command({"curl", "-s", "-G", "http://127.0.0.1:9190/api/v1/query",
                                           "--data-urlencode", "query=" + expression});
    const json answer = json::parse(got.out, nullptr, false);  // nothing while it starts
    if (answer.is_discarded()) return json::array();
    return answer.value(json::json_pointer("/data/result"), json::array());
  }
};

TEST_F(Scrape, PrometheusSeesThePodUnderItsUsualNames) {
  if (run_command({"sh", "-c", "command -v prometheus"}).exit_code != 0)
    GTEST_SKIP() << "prometheus is not installed";
  serve({"--listen", "127.0.0.1:9191"});
  write_manifest("web.yaml", R"(
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    command: [sleep, infinity]
    resources: {limits: {memory: 64Mi}}
    readinessProbe: {exec: {command: ["true"]}, periodSeconds: 1}
)");
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  EXPECT_EQ(run_command({"sh", "-c", "curl -s 127.0.0.1:9191/metrics | promtool check metrics"})
                .exit_code,
            0);
  std::ofstream(dir() + "/prometheus.yml")
      << "scrape_configs:\n- job_name: podvisor\n  scrape_interval: 200ms\n"
         "  static_configs: [{targets: ['127.0.0.1:9191']}]\n";
  Background prometheus(
      {"prometheus", "--config.file=" + dir() + "/prometheus.yml",
       "--storage.tsdb.path=" + dir() + "/tsdb", "--web.listen-address=127.0.0.1:9190"},
      dir() + "/prometheus.out", dir() + "/prometheus.err");
  const auto is_one = [&](const std::string& expression) {
    const json result = query(expression);
    return result.size() == 1 && result[0]["value"][1] == "1";
  };
  ASSERT_TRUE(eventually([&] { return is_one("up"); }, std::chrono::seconds(40)))
      << read_file(dir() + "/prometheus.err");
  for (const char* expression :
       {R"(kube_pod_status_ready{pod="web",condition="true"})",
        R"(kube_pod_status_phase{pod="web",phase="Running"})",
        R"(count(prober_probe_total{probe_type="Readiness",result="successful",pod="web"}))",
        R"(container_spec_memory_limit_bytes{pod="web",container="main"} / 67108864)",
        R"(container_processes{pod="web",container="main"})"})
    EXPECT_TRUE(eventually([&] { return is_one(expression); })) << expression;
}

}  // namespace
}  // namespace podvisor
