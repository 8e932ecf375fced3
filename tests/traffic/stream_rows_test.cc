// What takes long goes on across a replacement: a download, an upload, a WebSocket.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "traffic/acceptance.h"

namespace podvisor {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST_F(Acceptance, DIF3_3_ADownloadAcrossAReplacementComesWhole) {
  constexpr std::size_t kBytes = 100UL << 20U;  // two seconds at 48 MiB/s
  std::filesystem::create_directory(dir() + "/site/slow");
  std::ofstream(dir() + "/site/slow/file") << std::string(kBytes, 'x');
  start(web("one"));
  begin_load(2);
  Background download({"curl", "-sf", "-o", dir() + "/got", "http://127.0.0.1:8080/slow/file"},
                      dir() + "/curl.out", dir() + "/curl.err");
  ASSERT_TRUE(eventually([&] {
    std::error_code error;
    return std::filesystem::file_size(dir() + "/got", error) > 0 && !error;
  }));
  write_manifest("web.yaml", web("two"));
  EXPECT_EQ(download.wait(30s), 0);
  EXPECT_EQ(std::filesystem::file_size(dir() + "/got"), kBytes);
  expect_version("two");
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
  expect_version("two");
  expect_none_failed();
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
  expect_version("two");
  EXPECT_TRUE(eventually([&] { return !lives(old); }));
  expect_none_failed();
}

}  // namespace
}  // namespace podvisor
