// A real HAProxy in front of pods that podvisor's door has nothing to do with: nobody notices a
// rollout, whether HAProxy is told (--on-change) or asks (--agent-check).
#include <filesystem>
#include <fstream>

#include "traffic/acceptance.h"

namespace podvisor {
namespace {

using namespace std::chrono_literals;

class BehindHaproxy : public Acceptance {
 protected:
  void SetUp() override {
    Acceptance::SetUp();
    if (!IsSkipped() && !std::filesystem::exists("/usr/sbin/haproxy"))
      GTEST_SKIP() << "needs haproxy";
  }

  void TearDown() override {
    haproxy_.reset();
    Acceptance::TearDown();
  }

  void haproxy(const std::string& servers) {
    std::ofstream(dir() + "/haproxy.cfg")
        << "global\n  stats socket " << dir() << "/haproxy.sock mode 600 level admin\n"
        << "defaults\n  mode http\n  timeout connect 5s\n  timeout client 40s\n"
        << "  timeout server 40s\n  timeout queue 30s\n  retries 5\n  option redispatch\n"
        << "  retry-on conn-failure empty-response\n"
        << "frontend f\n  bind 127.0.0.1:" << kPort << "\n  default_backend b\n"
        << "backend b\n"
        << servers;
    haproxy_ = std::make_unique<Background>(
        std::vector<std::string>{"haproxy", "-db", "-f", dir() + "/haproxy.cfg"},
        dir() + "/haproxy.out", dir() + "/haproxy.err");
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(dir() + "/haproxy.sock"); }))
        << read_file(dir() + "/haproxy.err");
  }

  [[nodiscard]] std::string on_host(const std::string& name, int port) const {
    const std::string number = std::to_string(port);
    return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name +
           ", annotations: {podvisor.io/readyz-delay: 1s}}\nspec:\n  hostNetwork: true\n"
           "  containers:\n  - name: nginx\n    command: [/usr/sbin/nginx, -c, " +
           nginx_conf(name, port) + "]\n    ports: [{containerPort: " + number +
           "}]\n    readinessProbe: {httpGet: {path: /, port: " + number + "}, periodSeconds: 1}\n";
  }

 private:
  std::unique_ptr<Background> haproxy_;
};

/// Gives each pod that gets traffic one of HAProxy's free servers, through its own socket.
constexpr const char* kOnChange = R"(#!/usr/bin/python3
import json, os, socket, sys
place = os.path.dirname(sys.argv[0])
def haproxy(command):
  with socket.socket(socket.AF_UNIX) as s:
    s.connect(place + '/haproxy.sock')
    s.sendall((command + '\n').encode())
    return b''.join(iter(lambda: s.recv(65536), b'')).decode()
pod = json.load(sys.stdin)
rows = [r.split() for r in haproxy('show servers state b').splitlines()[2:] if r.strip()]
address = {r[3]: r[4] for r in rows}
if pod['ready']:
  server = next(s for s, a in address.items() if a in ('0.0.0.0', '127.0.0.2', pod['podIP']))
  haproxy(f'set server b/{server} addr {pod["podIP"]} port 80')
  haproxy(f'set server b/{server} state ready')
else:
  for server in (s for s, a in address.items() if a == pod['podIP']):
    haproxy(f'set server b/{server} state maint')
    haproxy(f'set server b/{server} addr 127.0.0.2 port 80')
)";

TEST_F(BehindHaproxy, ItIsToldOfARolloutByOnChange) {
  const std::string program = dir() + "/on-change";
  std::ofstream(program) << kOnChange;
  std::filesystem::permissions(program, std::filesystem::perms(0755));
  haproxy("  server-template s 1-4 127.0.0.2:80 disabled\n");
  // What HAProxy has sent is answered before nginx is told to stop.
  const std::string settings =
      ", podvisor.io/door: \"off\", podvisor.io/readyz-delay: 500ms, "
      "podvisor.io/drain-timeout: 2s";
  start(web("one", settings), {"--on-change", program});
  begin_load();
  write_manifest("web.yaml", web("two", settings));
  expect_version("two");
  expect_none_failed();
}

TEST_F(BehindHaproxy, ItAsksForAPodsStateByAgentCheck) {
  haproxy(
      "  server a 127.0.0.1:8081 check agent-check agent-port 9999 agent-addr 127.0.0.1"
      " agent-inter 100ms agent-send default/a\\n\n"
      "  server b 127.0.0.1:8082 check agent-check agent-port 9999 agent-addr 127.0.0.1"
      " agent-inter 100ms agent-send default/b\\n\n");
  serve({"--agent-check", "127.0.0.1:9999"});
  write_manifest("a.yaml", on_host("a", 8081));
  write_manifest("b.yaml", on_host("b", 8082));
  ASSERT_TRUE(eventually([&] { return ready("a") && ready("b"); })) << podvisor_log();
  // HAProxy's own checks bring each server up in its time: a only goes when b is there.
  for (const std::string name : {"a", "b"})
    ASSERT_TRUE(eventually([&] { return answer() == "version " + name + "\n"; }));
  begin_load();
  remove_manifest("a.yaml");
  ASSERT_TRUE(eventually([&] { return pod("a").is_null(); })) << podvisor_log();
  expect_version("b");
  expect_none_failed();
}

}  // namespace
}  // namespace podvisor
