// Nobody ever sees a 502: nginx behind a host port, kept-alive and one-shot clients with GET and
// POST, and what a day may bring (issue 5's acceptance table, short). Every row: 0 failed.
#include <gmock/gmock.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "e2e/host.h"
#include "traffic/load.h"

namespace podvisor {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

constexpr std::uint16_t kPort = 8080;

/// tests/bench/traffic_table.sh sets it: how long the clients go on, and how many there are.
int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoi(text);
}

/// Reads a request whole, then answers with its version; echoes on a connection that is upgraded.
std::string echo_server(const std::string& version) {
  return R"(
import socketserver
class Handler(socketserver.StreamRequestHandler):
  def handle(self):
    while True:
      head = b''
      while not head.endswith(b'\r\n\r\n'):
        line = self.rfile.readline()
        if not line: return
        head += line
      if b'Upgrade: echo' in head: return self.echo()
      length = [int(l[15:]) for l in head.split(b'\r\n') if l.lower().startswith(b'content-length:')]
      self.rfile.read(sum(length))
      body = b'version )" +
         version + R"(\n'
      self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n' % len(body) + body)
  def echo(self):
    self.wfile.write(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n')
    while True:
      line = self.rfile.readline()
      if not line: return
      self.wfile.write(line)
class Server(socketserver.ThreadingTCPServer):
  allow_reuse_address = True
  daemon_threads = True
  request_queue_size = 512
Server(('', 80), Handler).serve_forever()
)";
}

class Acceptance : public Host {
 protected:
  void SetUp() override {
    Host::SetUp();
    if (IsSkipped()) return;
    if (!std::filesystem::exists("/usr/sbin/nginx")) GTEST_SKIP() << "needs nginx";
    std::filesystem::create_directory(dir() + "/site");
    std::filesystem::permissions(dir(), std::filesystem::perms(0755));
  }

  /// nginx on port 80 of the pod; `version` is what it answers.
  [[nodiscard]] std::string nginx_conf(const std::string& version) const {
    const std::string path = dir() + "/nginx-" + version + ".conf";
    std::ofstream(path) << "daemon off; worker_processes 2; pid " << dir() << "/nginx-" << version
                        << ".pid; error_log /dev/null crit;\n"
                        << "events { worker_connections 1024; }\n"
                        << "http { access_log off; keepalive_requests 100000000;\n"
                        << " client_body_temp_path " << dir() << "/b; proxy_temp_path " << dir()
                        << "/p; fastcgi_temp_path " << dir() << "/f; uwsgi_temp_path " << dir()
                        << "/u; scgi_temp_path " << dir() << "/s;\n"
                        << " server { listen 80; listen [::]:80; root " << dir() << "/site;\n"
                        << "  location = / { return 200 'version " << version << "\\n'; }\n"
                        << "  location /slow/ { limit_rate 8m; } } }\n";
    return path;
  }

  [[nodiscard]] std::string web(const std::string& version, const std::string& annotations = "",
                                const std::string& sidecar = "") const {
    return R"(
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}
  annotations: {podvisor.io/fast-ready: "true")" +
           annotations + R"(}
spec:
  terminationGracePeriodSeconds: 5
  containers:
  - name: nginx
    command: [/usr/sbin/nginx, -c, )" +
           nginx_conf(version) + R"(]
    ports: [{name: http, containerPort: 80, hostPort: 8080}]
    readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 1})" +
           sidecar + "\n";
  }

  /// The same with echo_server() in nginx' place.
  [[nodiscard]] std::string echo(const std::string& version,
                                 const std::string& annotations = "") const {
    const std::string script = dir() + "/echo-" + version + ".py";
    std::ofstream(script) << echo_server(version);
    std::string manifest = web(version, annotations);
    const std::string nginx = "[/usr/sbin/nginx, -c, " + nginx_conf(version) + "]";
    return manifest.replace(manifest.find(nginx), nginx.size(), "[python3, " + script + "]");
  }

  void start(const std::string& manifest) {
    serve();
    write_manifest("web.yaml", manifest);
    ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
    ASSERT_TRUE(eventually([&] { return answer().starts_with("version"); })) << podvisor_log();
  }

  static std::string answer(const std::string& path = "/") {
    return run_command({"curl", "-s", "-m", "35", "http://127.0.0.1:8080" + path}).out;
  }

  /// Clients of all four kinds.
  void begin_load(int clients = setting("PODVISOR_LOAD_CLIENTS", 32) / 4) {
    for (const char* method : {"GET", "POST"})
      for (const bool keep_alive : {true, false})
        loads_.push_back(std::make_unique<Load>(LoadPlan{.port = kPort,
                                                         .clients = clients,
                                                         .keep_alive = keep_alive,
                                                         .method = method,
                                                         .path = "/"}));
    go_on();
    std::this_thread::sleep_for(span() / 2);
  }
  static std::chrono::seconds span() {
    return std::chrono::seconds(setting("PODVISOR_LOAD_SECONDS", 0));
  }
  /// Until every kind of client has had more answers.
  void go_on(std::uint64_t requests = 100) const {
    for (const auto& load : loads_) {
      const std::uint64_t until = load->done() + requests;
      ASSERT_TRUE(eventually([&] { return load->done() >= until; }, 60s)) << podvisor_log();
    }
  }
  void expect_none_failed() {
    go_on();
    std::this_thread::sleep_for(span() / 2);
    LoadResult sum;
    for (const auto& load : loads_) sum.add(load->stop());
    loads_.clear();
    std::cout << "row: " << testing::UnitTest::GetInstance()->current_test_info()->name() << ": "
              << sum.text() << '\n';
    EXPECT_TRUE(sum.failed.empty()) << sum.text();
  }

  [[nodiscard]] int door_pid() const {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const std::string name = read_file(entry.path() / "comm");
      std::error_code error;
      const auto ours = std::filesystem::read_symlink("/proc/self/ns/net", error);
      if (name == "podvisor-door\n" &&
          std::filesystem::read_symlink(entry.path() / "ns/net", error) == ours)
        return std::stoi(entry.path().filename());
    }
    return 0;
  }

  std::vector<std::unique_ptr<Load>> loads_;
};

TEST_F(Acceptance, AChangedManifestReplacesThePodAndNobodyNotices) {
  start(web("one"));
  begin_load();
  write_manifest("web.yaml", web("two"));
  ASSERT_TRUE(eventually([&] { return answer() == "version two\n"; })) << podvisor_log();
  expect_none_failed();
}

TEST_F(Acceptance, TenReplacementsInARow) {
  start(web("0"));
  begin_load(4);
  for (int i = 1; i <= 10; ++i) {
    const std::string version = std::to_string(i);
    write_manifest("web.yaml", web(version));
    ASSERT_TRUE(eventually([&] { return answer() == "version " + version + "\n"; }))
        << podvisor_log();
    go_on(20);
  }
  expect_none_failed();
}

TEST_F(Acceptance, DIF2_5_ASidecarsOomWithRecreateIsHeld) {
  const std::string go = dir() + "/go";
  start(web("one", ", podvisor.io/replace: Recreate",
            R"(
  - name: sidecar
    command: [sh, -c, 'while [ ! -e )" +
                go + " ]; do sleep 0.05; done; rm " + go +
                R"(; exec tail /dev/zero']
    resources: {limits: {memory: 24Mi}})"));
  begin_load();
  const int before = pid_of("web", "nginx");
  run_command({"touch", go});
  ASSERT_TRUE(eventually([&] {
    return container("web", "nginx").value("restartCount", 0) == 1 && ready("web");
  })) << podvisor_log();
  EXPECT_NE(pid_of("web", "nginx"), before);
  expect_none_failed();
}

TEST_F(Acceptance, ASigkillOfTheOnlyMainContainerIsHeld) {
  start(web("one"));
  const int master = pid_of("web", "nginx");
  const std::string list = "/proc/" + std::to_string(master) + "/task/" + std::to_string(master);
  std::ifstream children(list + "/children");
  std::vector<int> pids{master};
  for (int worker = 0; children >> worker;) pids.push_back(worker);
  for (const int pid : pids) ::kill(pid, SIGKILL);
  // With no request under way: a POST that its server had read must not be sent twice.
  for (const int pid : pids) ASSERT_TRUE(eventually([&] { return !lives(pid); }));
  begin_load();
  EXPECT_EQ(container("web", "nginx").value("restartCount", 0), 1);
  expect_none_failed();
}

TEST_F(Acceptance, ASigkillOfPodvisorIsNotNoticed) {
  start(web("one"));
  begin_load();
  podvisor().signal(SIGKILL);
  ASSERT_NE(podvisor().wait(10s), -1);
  expect_none_failed();
  EXPECT_NE(door_pid(), 0);
  abandon_podvisor();
}

TEST_F(Acceptance, APodvisorThatStandsStillIsNotNoticed) {
  start(web("one"));
  begin_load();
  podvisor().signal(SIGSTOP);
  go_on(300);
  podvisor().signal(SIGCONT);
  write_manifest("web.yaml", web("two"));
  ASSERT_TRUE(eventually([&] { return answer() == "version two\n"; })) << podvisor_log();
  expect_none_failed();
}

TEST_F(Acceptance, DIF3_3_ADownloadAcrossAReplacementComesWhole) {
  constexpr std::size_t kBytes = 16UL << 20U;  // two seconds at 8 MiB/s
  std::filesystem::create_directory(dir() + "/site/slow");
  std::ofstream(dir() + "/site/slow/file") << std::string(kBytes, 'x');
  start(web("one"));
  Background download({"curl", "-sf", "-o", dir() + "/got", "http://127.0.0.1:8080/slow/file"},
                      dir() + "/curl.out", dir() + "/curl.err");
  ASSERT_TRUE(eventually([&] {
    std::error_code error;
    return std::filesystem::file_size(dir() + "/got", error) > 0 && !error;
  }));
  write_manifest("web.yaml", web("two"));
  EXPECT_EQ(download.wait(30s), 0);
  EXPECT_EQ(std::filesystem::file_size(dir() + "/got"), kBytes);
  ASSERT_TRUE(eventually([&] { return answer() == "version two\n"; })) << podvisor_log();
}

TEST_F(Acceptance, DIF3_3_AWebSocketStaysWithItsPodUntilTheDrainEnds) {
  const std::string limit = ", podvisor.io/drain-timeout: 3s";
  start(echo("one", limit));
  begin_load(2);
  Connection upgraded(kPort);
  upgraded.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
  ASSERT_THAT(upgraded.read_until("\r\n\r\n"), HasSubstr(" 101 "));
  const int old = pid_of("web", "nginx");
  write_manifest("web.yaml", echo("two", limit));
  upgraded.send("still here\n");
  EXPECT_EQ(upgraded.read_until("\n"), "still here\n");
  EXPECT_EQ(upgraded.read_until("\n"), "");  // closed within the drain's time
  ASSERT_TRUE(eventually([&] { return answer() == "version two\n"; })) << podvisor_log();
  EXPECT_TRUE(eventually([&] { return !lives(old); }));
  expect_none_failed();
}

TEST_F(Acceptance, DIF3_3_AnUploadAcrossAReplacementArrives) {
  std::ofstream(dir() + "/upload") << std::string(8UL << 20U, 'x');
  start(echo("one"));
  begin_load(2);
  Background upload({"curl", "-sf", "--limit-rate", "4m", "--data-binary", "@" + dir() + "/upload",
                     "http://127.0.0.1:8080/"},
                    dir() + "/curl.out", dir() + "/curl.err");
  go_on(20);
  write_manifest("web.yaml", echo("two"));
  EXPECT_EQ(upload.wait(30s), 0);
  EXPECT_EQ(read_file(dir() + "/curl.out"), "version one\n");
  ASSERT_TRUE(eventually([&] { return answer() == "version two\n"; })) << podvisor_log();
  expect_none_failed();
}

TEST_F(Acceptance, ADoorThatDiesComesBackWithItsSockets) {
  start(web("one"));
  const int before = door_pid();
  ASSERT_NE(before, 0);
  ::kill(before, SIGKILL);
  EXPECT_EQ(answer(), "version one\n");  // waits in the queue of the socket
  EXPECT_NE(door_pid(), before);
}

}  // namespace
}  // namespace podvisor
