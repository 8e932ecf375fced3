#include "traffic/acceptance.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace podvisor {
namespace {

using namespace std::chrono_literals;

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

}  // namespace

/// tests/bench/traffic_table.sh sets it: how long the clients go on, and how many there are.
int Acceptance::setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoi(text);
}

void Acceptance::SetUp() {
  Host::SetUp();
  if (IsSkipped()) return;
  if (!std::filesystem::exists("/usr/sbin/nginx")) GTEST_SKIP() << "needs nginx";
  std::filesystem::create_directory(dir() + "/site");
  std::filesystem::permissions(dir(), std::filesystem::perms(0755));
}

std::string Acceptance::nginx_conf(const std::string& version, int port) const {
  const std::string path = dir() + "/nginx-" + version + ".conf";
  std::ofstream(path) << "daemon off; worker_processes 2; pid " << dir() << "/nginx-" << version
                      << ".pid; error_log /dev/null crit;\n"
                      << "events { worker_connections 1024; }\n"
                      << "http { access_log off; keepalive_requests 100000000;\n"
                      << " client_body_temp_path " << dir() << "/b; proxy_temp_path " << dir()
                      << "/p; fastcgi_temp_path " << dir() << "/f; uwsgi_temp_path " << dir()
                      << "/u; scgi_temp_path " << dir() << "/s;\n"
                      << " server { listen " << port << "; listen [::]:" << port << "; root "
                      << dir() << "/site;\n"
                      << "  location = / { return 200 'version " << version << "\\n'; }\n"
                      << "  location /slow/ { limit_rate 48m; } } }\n";
  return path;
}

std::string Acceptance::web(const std::string& version, const std::string& annotations,
                            const std::string& sidecar) const {
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

std::string Acceptance::greedy_sidecar(const std::string& marker) const {
  const std::string go = dir() + "/go";
  return R"(
  - name: sidecar
    command: [sh, -c, 'while [ ! -e )" +
         go + " ]; do sleep 0.05; done; rm " + go + R"(; touch )" + marker +
         R"(; exec tail /dev/zero']
    resources: {limits: {memory: 24Mi}})";
}

std::string Acceptance::echo(const std::string& version, const std::string& annotations) const {
  const std::string script = dir() + "/echo-" + version + ".py";
  std::ofstream(script) << echo_server(version);
  std::string manifest = web(version, annotations);
  const std::string nginx = "[/usr/sbin/nginx, -c, " + nginx_conf(version) + "]";
  return manifest.replace(manifest.find(nginx), nginx.size(), "[python3, " + script + "]");
}

void Acceptance::start(const std::string& manifest, const std::vector<std::string>& more) {
  serve(more);
  write_manifest("web.yaml", manifest);
  ASSERT_TRUE(eventually([&] { return ready("web"); })) << podvisor_log();
  ASSERT_TRUE(eventually([&] { return answer().starts_with("version"); })) << podvisor_log();
}

std::string Acceptance::answer(const std::string& path) {
  return run_command({"curl", "-s", "-m", "35", "http://127.0.0.1:8080" + path}).out;
}

void Acceptance::expect_version(const std::string& version) const {
  EXPECT_TRUE(eventually([&] { return answer() == "version " + version + "\n"; }))
      << podvisor_log();
}

void Acceptance::begin_load(int clients) {
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

std::chrono::seconds Acceptance::span() {
  return std::chrono::seconds(setting("PODVISOR_LOAD_SECONDS", 0));
}

void Acceptance::go_on(std::uint64_t requests) const {
  for (const auto& load : loads_) {
    const std::uint64_t until = load->done() + requests;
    ASSERT_TRUE(eventually([&] { return load->done() >= until; }, 60s)) << podvisor_log();
  }
}

void Acceptance::expect_none_failed() {
  go_on();
  std::this_thread::sleep_for(span() / 2);
  LoadResult sum;
  for (const auto& load : loads_) sum.add(load->stop());
  loads_.clear();
  std::cout << "row: " << testing::UnitTest::GetInstance()->current_test_info()->name() << ": "
            << sum.text() << '\n';
  EXPECT_TRUE(sum.failed.empty()) << sum.text();
}

int Acceptance::door_pid() const {
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

}  // namespace podvisor
