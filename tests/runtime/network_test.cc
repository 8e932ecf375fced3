#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>

#include "runtime_fixture.h"

namespace podvisor {
namespace {

class NetworkTest : public RuntimeFixture {
 protected:
  static std::string namespace_of_socket(int socket) {
    const Fd found(ioctl(socket, SIOCGSKNS));
    return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(found.get()));
  }
};

TEST_F(NetworkTest, OPN3_SocketsAreMadeInsideThePodAndTheThreadComesBack) {
  const Pod pod = pod_with("sleep 1000");
  const std::string own = namespace_of(getpid(), "net");
  make_sandbox(pod);
  const pid_t pid = start(pod);
  auto socket = runtime_->open_socket(pod.metadata.uid, AF_INET, SOCK_STREAM);
  ASSERT_TRUE(socket.has_value()) << socket.error().message;
  EXPECT_EQ(namespace_of_socket(socket->get()), namespace_of(pid, "net"));
  EXPECT_NE(namespace_of(pid, "net"), own);
  EXPECT_EQ(namespace_of(gettid(), "net"), own);
  EXPECT_NE(fcntl(socket->get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(fcntl(socket->get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(NetworkTest, OPN3_AddressOfAPodWithoutOneIsLoopback) {
  const Pod pod = pod_with("sleep 1000");
  make_sandbox(pod);
  EXPECT_EQ(runtime_->address(pod.metadata.uid), "127.0.0.1");
  EXPECT_EQ(wait_for<pod_event::SandboxReady>().pod_ip, "");
}

TEST_F(NetworkTest, NoSandboxNoSocket) {
  EXPECT_FALSE(runtime_->open_socket("no-such-pod", AF_INET, SOCK_STREAM).has_value());
}

TEST_F(NetworkTest, BridgedPodsGetTheirAddressFromTheNetworkAndGiveItBack) {
  Pod pod = pod_with("sleep 1000");
  pod.spec.network = NetworkMode::Bridge;
  make_sandbox(pod);
  EXPECT_EQ(wait_for<pod_event::SandboxReady>().pod_ip, "192.0.2.7");
  EXPECT_EQ(runtime_->address(pod.metadata.uid), "192.0.2.7");
  const pid_t pid = start(pod);
  struct stat status {};
  ASSERT_EQ(stat(("/proc/" + std::to_string(pid) + "/ns/net").c_str(), &status), 0);
  EXPECT_EQ(network_.attached_namespace, status.st_ino);
  remove_sandbox(pod);
  EXPECT_EQ(network_.detached, std::vector<PodUid>{pod.metadata.uid});
}

TEST_F(NetworkTest, ANetworkThatFailsLeavesNothingBehind) {
  Pod pod = pod_with("sleep 1000");
  pod.spec.network = NetworkMode::Bridge;
  network_.failure = Error{"no address is free in 192.0.2.0/30", 0};
  runtime_->make_sandbox(pod, 3);
  const auto failed = wait_for<pod_event::SandboxFailed>();
  EXPECT_EQ(failed.attempt, 3);
  EXPECT_EQ(failed.message,
            "cannot make the sandbox of pod default/web: no address is free in 192.0.2.0/30");
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/run/pods/" + pod.metadata.uid));
  EXPECT_TRUE(network_.detached.empty());
  network_.failure.reset();
  events_.posted.clear();
  make_sandbox(pod);
}

TEST_F(NetworkTest, HostNetworkNeedsNoNamespaceAndNoAddress) {
  Pod pod = pod_with("sleep 1000");
  pod.spec.network = NetworkMode::Host;
  pod.spec.host_network = true;
  pod.spec.containers[0].termination_message_path.clear();  // it would be mounted
  make_sandbox(pod);
  const pid_t pid = start(pod);
  for (const char* name : {"net", "ipc", "uts", "mnt"})
    EXPECT_EQ(namespace_of(pid, name), namespace_of(getpid(), name)) << name;
  EXPECT_EQ(runtime_->address(pod.metadata.uid), "127.0.0.1");
  auto socket = runtime_->open_socket(pod.metadata.uid, AF_INET, SOCK_STREAM);
  ASSERT_TRUE(socket.has_value());
  EXPECT_EQ(namespace_of_socket(socket->get()), namespace_of(getpid(), "net"));
}

TEST_F(NetworkTest, JoinsAnothersNetwork) {
  const Pod first = pod_with("sleep 1000");
  make_sandbox(first);
  const pid_t other = start(first);
  Pod pod = pod_with("sleep 1000");
  pod.metadata.uid = "99999999-2222-3333-4444-555555555555";
  pod.spec.network = NetworkMode::Join;
  pod.spec.network_path = "/proc/" + std::to_string(other) + "/ns/net";
  events_.posted.clear();
  make_sandbox(pod);
  const pid_t pid = start(pod);
  EXPECT_EQ(namespace_of(pid, "net"), namespace_of(other, "net"));
  EXPECT_NE(namespace_of(pid, "uts"), namespace_of(other, "uts"));
}

TEST_F(NetworkTest, JoiningNothingSaysWhat) {
  Pod pod = pod_with("sleep 1000");
  pod.spec.network = NetworkMode::Join;
  pod.spec.network_path = "/no/such/netns";
  runtime_->make_sandbox(pod, 0);
  EXPECT_EQ(wait_for<pod_event::SandboxFailed>().message,
            "cannot make the sandbox of pod default/web: cannot open the network namespace "
            "/no/such/netns: No such file or directory");
}

}  // namespace
}  // namespace podvisor
