#include "http/listen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace podvisor {
namespace {

using testing::HasSubstr;

struct ListenUnix : testing::Test {
  ListenUnix() : directory(testing::TempDir() + "listenXXXXXX") {
    if (!::mkdtemp(directory.data())) throw std::runtime_error("mkdtemp");
    path = directory + "/podvisor.sock";
  }
  ~ListenUnix() override { std::filesystem::remove_all(directory); }

  std::string directory;
  std::string path;
};

/// What SIGKILL leaves: the name, and nobody behind it.
void leave_dead_socket(const std::string& path) {
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::listen(socket.get(), 1), 0);
}

TEST_F(ListenUnix, MakesASocketForItsOwnerAlone) {
  const mode_t before = ::umask(0);
  const auto listener = listen_unix(path);
  ::umask(before);
  ASSERT_TRUE(listener) << listener.error().message;
  struct stat info {};
  ASSERT_EQ(::lstat(path.c_str(), &info), 0);
  EXPECT_TRUE(S_ISSOCK(info.st_mode));
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(ListenUnix, RemovesTheSocketWithItsOwner) {
  { const auto listener = listen_unix(path); }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ListenUnix, RefusesASocketThatIsServed) {
  const auto first = listen_unix(path);
  const auto second = listen_unix(path);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr(path));
  EXPECT_THAT(second.error().message, HasSubstr("another process serves it"));
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(ListenUnix, ReplacesASocketThatNobodyServesAnyMore) {
  leave_dead_socket(path);
  const auto fresh = listen_unix(path);
  ASSERT_TRUE(fresh) << fresh.error().message;
  EXPECT_FALSE(listen_unix(path)) << "the fresh one is not served";
}

TEST_F(ListenUnix, LeavesASocketThatSomebodyElsePutInItsPlace) {
  std::optional<UnixListener> first(std::move(*listen_unix(path)));
  std::filesystem::remove(path);
  const auto second = listen_unix(path);
  ASSERT_TRUE(second) << second.error().message;
  first.reset();
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(ListenUnix, LeavesAFileThatIsNoSocketAlone) {
  std::ofstream(path) << "precious";
  const auto listener = listen_unix(path);
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().message, HasSubstr("not a socket"));
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
}

TEST_F(ListenUnix, NamesWhatIsWrongWithThePath) {
  const auto too_long = listen_unix(directory + "/" + std::string(200, 'x'));
  ASSERT_FALSE(too_long);
  EXPECT_THAT(too_long.error().message, HasSubstr("1 to 107 bytes"));
  const auto nowhere = listen_unix(directory + "/missing/podvisor.sock");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().error_number, ENOENT);
}

TEST(ListenTcp, ReportsThePortTheKernelChose) {
  for (const char* address : {"127.0.0.1:0", "localhost:0", ":0"}) {
    const auto socket = listen_tcp(address);
    ASSERT_TRUE(socket) << socket.error().message;
    EXPECT_GT(*bound_port(socket->get()), 0);
  }
}

TEST(ListenTcp, TakesABracketedIpv6Address) {
  const auto socket = listen_tcp("[::1]:0");
  if (!socket && socket.error().error_number == EADDRNOTAVAIL) GTEST_SKIP() << "no IPv6 here";
  ASSERT_TRUE(socket) << socket.error().message;
  EXPECT_GT(*bound_port(socket->get()), 0);
}

TEST(ListenTcp, APortInUseIsNamedWithTheWayOut) {
  const auto first = listen_tcp("127.0.0.1:0");
  ASSERT_TRUE(first);
  const std::string address = "127.0.0.1:" + std::to_string(*bound_port(first->get()));
  const auto second = listen_tcp(address);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().error_number, EADDRINUSE);
  EXPECT_THAT(second.error().message, HasSubstr(address));
  EXPECT_THAT(second.error().message, HasSubstr("--listen"));
}

struct BadAddress : testing::TestWithParam<const char*> {};

TEST_P(BadAddress, IsRefused) {
  const auto socket = listen_tcp(GetParam());
  ASSERT_FALSE(socket);
  EXPECT_THAT(socket.error().message, HasSubstr("not an address"));
}

INSTANTIATE_TEST_SUITE_P(ListenTcp, BadAddress,
                         testing::Values("", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000",
                                         "127.0.0.1:-1", "127.0.0.1:http", "::1:80", "[::1]",
                                         "[]:1", "example.invalid:80", "300.0.0.1:80"));

}  // namespace
}  // namespace podvisor
