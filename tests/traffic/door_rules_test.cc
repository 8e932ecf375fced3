// Who listens, for whom, and what is said about it (DIF-3, ROL-1).
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "e2e/host.h"

namespace podvisor {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

/// Answers whatever it is asked over HTTP with its name, and with who is said to ask.
std::string manifest_of(const std::string& name, const std::string& ports,
                        const std::string& annotations = "") {
  const std::string server =
      "import http.server as h\\n"
      "class A(h.BaseHTTPRequestHandler):\\n"
      "  protocol_version=\\\"HTTP/1.1\\\"\\n"
      "  def do_GET(s):\\n"
      "    b=b\\\"" +
      name +
      "\\\"+s.headers.get(\\\"X-Forwarded-For\\\",\\\"\\\").encode()\\n"
      "    s.send_response(200); s.send_header(\\\"Content-Length\\\",str(len(b))); "
      "s.end_headers(); "
      "s.wfile.write(b)\\n"
      "  def log_message(s,*a): pass\\n"
      "h.ThreadingHTTPServer((\\\"\\\",8000),A).serve_forever()\\n";
  return R"(
apiVersion: v1
kind: Pod
metadata:
  name: )" +
         name + "\n  labels: {app: " + name +
         "}\n  annotations: {podvisor.io/fast-ready: \"true\"" + annotations + R"(}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    command: [python3, -c, ")" +
         server + R"("]
    ports: [)" +
         ports + R"(]
    readinessProbe: {httpGet: {path: /, port: 8000}, periodSeconds: 1}
)";
}

std::string get(int port, const std::string& path = "/") {
  return run_command({"curl", "-s", "-m", "20", "http://127.0.0.1:" + std::to_string(port) + path})
      .out;
}

class DoorRules : public Host {
 protected:
  /// Somebody else's.
  static Fd take(std::uint16_t port) {
    Fd taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    EXPECT_EQ(::bind(taken.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(taken.get(), 1), 0);
    return taken;
  }
};

TEST_F(DoorRules, AServiceListensForThePodsOfItsSelector) {
  serve({"--listen", "127.0.0.1:9100"});
  write_manifest("svc.yaml", R"(
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  type: LoadBalancer
  selector: {app: a}
  ports: [{name: http, port: 8081, targetPort: web}]
)");
  write_manifest("a.yaml", manifest_of("a", "{name: web, containerPort: 8000}"));
  ASSERT_TRUE(eventually([&] { return get(8081) == "a"; })) << podvisor_log();
  const json endpoints = json::parse(cli({"get", "endpoints", "shop", "-o", "json"}).out);
  EXPECT_EQ(endpoints["subsets"][0]["addresses"].size(), 1U) << endpoints;
  EXPECT_EQ(endpoints["subsets"][0]["ports"][0]["port"], 8000);
  EXPECT_THAT(cli({"get", "services"}).out, HasSubstr("8081/TCP"));
  EXPECT_THAT(cli({"describe", "service", "shop"}).out, HasSubstr("Selector:"));
  ASSERT_TRUE(eventually([&] {
    return get(9100, "/metrics")
               .find(R"(podvisor_door_requests_total{door="default/shop:8081",code="200"})") !=
           std::string::npos;
  }));
  remove_manifest("svc.yaml");
  EXPECT_TRUE(eventually([&] { return get(8081).empty(); }));
}

TEST_F(DoorRules, APodWithoutANetworkIsDialledFromWithin) {
  serve();
  write_manifest("a.yaml", manifest_of("a", "{name: http, containerPort: 8000, hostPort: 8082}",
                                       ", podvisor.io/network: none"));
  ASSERT_TRUE(eventually([&] { return get(8082) == "a"; })) << podvisor_log();
}

TEST_F(DoorRules, WhereARequestCameFromIsSaidIfThatIsWanted) {
  serve();
  write_manifest("a.yaml", manifest_of("a", "{name: http, containerPort: 8000, hostPort: 8087}",
                                       ", podvisor.io/forwarded-headers: \"true\""));
  ASSERT_TRUE(eventually([&] { return get(8087) == "a127.0.0.1"; })) << podvisor_log();
}

TEST_F(DoorRules, TwoPodsThatWantOneHostPortAreAnErrorBeforeAnythingIsStarted) {
  serve();
  write_manifest("a.yaml", manifest_of("a", "{name: http, containerPort: 8000, hostPort: 8083}"));
  ASSERT_TRUE(eventually([&] { return get(8083) == "a"; })) << podvisor_log();
  write_manifest("b.yaml", manifest_of("b", "{name: http, containerPort: 8000, hostPort: 8083}"));
  ASSERT_TRUE(eventually([&] {
    return podvisor_log().find("pod default/b wants host port 8083, which pod default/a has") !=
           std::string::npos;
  })) << podvisor_log();
  EXPECT_TRUE(pod("b").is_null());
  EXPECT_EQ(get(8083), "a");
}

TEST_F(DoorRules, APortThatSomebodyElseHasIsAnErrorBeforeAnythingIsStarted) {
  const Fd taken = take(8084);
  write_manifest("a.yaml", manifest_of("a", "{name: http, containerPort: 8000, hostPort: 8084}"));
  std::vector<std::string> run{PODVISOR, "run", manifests() + "/a.yaml"};
  for (const std::string& word : places()) run.push_back(word);
  const CommandResult result = run_command(run);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("pod default/a wants host port 8084"));
  EXPECT_THAT(result.err, HasSubstr("Address already in use"));
}

TEST_F(DoorRules, APortThatSomebodyElseHasIsAnErrorBeforeAnythingIsReplaced) {
  serve();
  write_manifest("a.yaml", manifest_of("a", "{name: http, containerPort: 8000, hostPort: 8085}"));
  ASSERT_TRUE(eventually([&] { return get(8085) == "a"; })) << podvisor_log();
  const json uid = pod("a")["metadata"]["uid"];
  const Fd taken = take(8086);
  const std::string wants = manifest_of("a", "{name: http, containerPort: 8000, hostPort: 8086}");
  write_manifest("../a.yaml", wants);
  const CommandResult applied = cli({"apply", "-f", dir() + "/a.yaml"});
  EXPECT_NE(applied.exit_code, 0) << applied.out;
  EXPECT_THAT(applied.err, HasSubstr("pod default/a wants host port 8086"));
  write_manifest("a.yaml", wants);
  ASSERT_TRUE(eventually([&] {
    return podvisor_log().find("pod default/a wants host port 8086") != std::string::npos;
  })) << podvisor_log();
  EXPECT_EQ(get(8085), "a");
  EXPECT_EQ(pod("a")["metadata"]["uid"], uid);
}

TEST_F(DoorRules, ReadyzSays503ForAWhileBeforeThePodIsStopped) {
  serve({"--listen", "127.0.0.1:9100"});
  write_manifest("a.yaml", manifest_of("a", "{name: http, containerPort: 8000}",
                                       ", podvisor.io/readyz-delay: 1s"));
  const auto status = [] {
    return run_command({"curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
                        "http://127.0.0.1:9100/readyz/default/a"})
        .out;
  };
  ASSERT_TRUE(eventually([&] { return status() == "200"; })) << podvisor_log();
  const int main = pid_of("a", "main");
  remove_manifest("a.yaml");
  ASSERT_TRUE(eventually([&] { return status() == "503"; }));
  EXPECT_TRUE(lives(main));
  EXPECT_TRUE(eventually([&] { return !lives(main); }));
}

}  // namespace
}  // namespace podvisor
