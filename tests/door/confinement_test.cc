// What the door has given up, and that it serves all the same.
#include "door/confinement.h"

#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <future>
#include <sstream>

#include "door/door_client_fixture.h"

namespace podvisor {
namespace {

using door::Backend;
using door::Connection;
using door::TestClient;

constexpr uid_t kUser = 64738;

std::string proc_file(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The rest of the line of this name.
std::string status_of(pid_t pid, const std::string& name) {
  const std::string text = "\n" + proc_file(pid, "status");
  const std::size_t at = text.find("\n" + name + ":\t");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + name.size() + 3;
  return text.substr(begin, text.find('\n', begin) - begin);
}

/// How a child ended that runs this; under the filter it ends by _exit alone.
int ended(const std::function<bool()>& passes) {
  const pid_t child = fork();
  if (child == 0) {
    if (!door::give_up_privileges(0) || !door::limit_system_calls()) _exit(3);
    _exit(passes() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

#ifdef PODVISOR_SANITIZED
constexpr bool kFiltered = false;
#else
constexpr bool kFiltered = true;
#endif

struct DoorConfinement : DoorClientTest {
  DoorConfinement() { user = kUser; }

  void expect_confined() {
    const std::string id = std::to_string(kUser);
    const std::string ids = id + "\t" + id + "\t" + id + "\t" + id;
    const std::string none = "0000000000000000";
    EXPECT_EQ(status_of(door->pid(), "Uid"), ids);
    EXPECT_EQ(status_of(door->pid(), "Gid"), ids);
    EXPECT_EQ(status_of(door->pid(), "Groups").find_first_not_of(' '), std::string::npos);
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
      EXPECT_EQ(status_of(door->pid(), set), none) << set;
    EXPECT_EQ(status_of(door->pid(), "NoNewPrivs"), "1");
    if (!kFiltered) return;
    const auto tasks = "/proc/" + std::to_string(door->pid()) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks))
      EXPECT_EQ(status_of(std::stoi(task.path().filename()), "Seccomp"), "2");
    EXPECT_NE(proc_file(door->pid(), "limits").find("Max core file size        0 "),
              std::string::npos);
  }
};

TEST_F(DoorConfinement, ItHasNoPrivilegeAtAll) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  Backend backend(door::named("a"));
  start();
  serve();
  endpoint(backend);
  TestClient client(port);
  EXPECT_EQ(client.get().body, "a");  // so the filter is there
  expect_confined();
  const pid_t pid = door->pid();
  door.reset();
  start();  // takes it over
  EXPECT_EQ(door->pid(), pid);
  EXPECT_EQ(client.get().body, "a");
  expect_confined();
}

TEST_F(DoorConfinement, LargeBodiesPassInPiecesThatStayInTheKernel) {
  const std::string body(24UL << 20, 'x');
  Backend backend([&](Connection& connection) {
    while (!connection.read_request().empty()) connection.send(door::ok(body));
  });
  start();
  serve();
  endpoint(backend);
  TestClient client(port);
  EXPECT_TRUE(client.get().body == body);
  EXPECT_EQ(client.get().status, 200);
}

TEST_F(DoorConfinement, ConnectionsAreUpgraded) {
  Backend backend([](Connection& connection) {
    (void)connection.read_request();
    connection.send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    for (std::string bytes; !(bytes = connection.read_some()).empty();) connection.send(bytes);
  });
  start();
  serve();
  endpoint(backend);
  TestClient client(port);
  ASSERT_TRUE(
      client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"));
  EXPECT_EQ(client.read_answer().status, 101);
  ASSERT_TRUE(client.send("hello"));
  EXPECT_EQ(client.read_exactly(5), "hello");
}

TEST_F(DoorConfinement, StreamsOfTcpPassAndAreCutByADrain) {
  listener.mode = DoorMode::Tcp;
  Backend backend([](Connection& connection) {
    for (std::string bytes; !(bytes = connection.read_some()).empty();) connection.send(bytes);
  });
  start();
  serve();
  endpoint(backend);
  TestClient client(port);
  ASSERT_TRUE(client.send("hello"));
  EXPECT_EQ(client.read_exactly(5), "hello");
  door->drain(listener.id, "pod", {Duration(0), Duration(0)});
  EXPECT_TRUE(turn_until([&] { return drained.contains("pod"); }));
  EXPECT_EQ(client.read_to_end(), "");
}

TEST(DoorSystemCalls, NothingIsOpenedOrExecutedOrMadeCode) {
  if (!kFiltered) GTEST_SKIP() << "sanitizers need more";
  const auto is_refused = [](long result) { return result == -1 && errno == ENOSYS; };
  EXPECT_EQ(ended([&] { return is_refused(::open("/etc/passwd", O_RDONLY)); }), 0);
  EXPECT_EQ(ended([&] { return is_refused(::socket(AF_UNIX, SOCK_STREAM, 0)); }), 0);
  EXPECT_EQ(ended([&] { return is_refused(::kill(1, 0)); }), 0);
  EXPECT_EQ(ended([&] {
              const int how = PROT_READ | PROT_WRITE | PROT_EXEC;
              return ::mmap(nullptr, 4096, how, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
            }),
            0);
  const int killed = ended([] {
    ::execl("/bin/true", "true", nullptr);
    return false;
  });
  EXPECT_TRUE(WIFSIGNALED(killed));
  EXPECT_EQ(WTERMSIG(killed), SIGSYS);
  EXPECT_FALSE(WCOREDUMP(killed));
}

}  // namespace
}  // namespace podvisor
