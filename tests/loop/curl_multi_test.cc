#include "loop/curl_multi.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>
#include <string>
#include <vector>

namespace podvisor {
namespace {

/// Accepts connections in its queue and never answers.
class SilentServer {
 public:
  SilentServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  void open() { listen(listener_.get(), 16); }  ///< before that it refuses
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  Fd listener_;
  int port_ = 0;
};

class RecordingTransfer final : public CurlMulti::Transfer {
 public:
  RecordingTransfer() : easy(curl_easy_init()) {
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
  }
  ~RecordingTransfer() { curl_easy_cleanup(easy); }
  RecordingTransfer(const RecordingTransfer&) = delete;
  RecordingTransfer& operator=(const RecordingTransfer&) = delete;

  void on_done(CURLcode code) override {
    codes.push_back(code);
    if (react) react();
  }

  CURL* easy;
  std::vector<CURLcode> codes;
  std::function<void()> react;
};

class CurlMultiTest : public testing::Test {
 protected:
  void aim(RecordingTransfer& transfer) {
    curl_easy_setopt(transfer.easy, CURLOPT_URL, server_.url().c_str());
  }

  Loop loop_;
  SilentServer server_;
  SocketPoll sockets_{loop_};
  RecordingTransfer transfer_;
  CurlMulti multi_{loop_, sockets_};
};

TEST_F(CurlMultiTest, TellsTheEndLaterThanAddAndOnce) {
  aim(transfer_);
  ASSERT_TRUE(multi_.add(transfer_.easy, transfer_));
  EXPECT_TRUE(transfer_.codes.empty());
  loop_.run();
  EXPECT_EQ(transfer_.codes, std::vector{CURLE_COULDNT_CONNECT});
}

TEST_F(CurlMultiTest, LibcurlsOwnTimersAreServed) {
  server_.open();
  aim(transfer_);
  curl_easy_setopt(transfer_.easy, CURLOPT_TIMEOUT_MS, 20L);
  ASSERT_TRUE(multi_.add(transfer_.easy, transfer_));
  loop_.run();
  EXPECT_EQ(transfer_.codes, std::vector{CURLE_OPERATION_TIMEDOUT});
}

TEST_F(CurlMultiTest, RemovedTransferIsNotTold) {
  server_.open();
  aim(transfer_);
  ASSERT_TRUE(multi_.add(transfer_.easy, transfer_));
  multi_.remove(transfer_.easy);
  loop_.run();
  EXPECT_TRUE(transfer_.codes.empty());
}

TEST_F(CurlMultiTest, TransferMayBeAddedAgainFromItsOwnEnd) {
  aim(transfer_);
  transfer_.react = [&] {
    if (transfer_.codes.size() == 5) return;
    ASSERT_TRUE(multi_.add(transfer_.easy, transfer_));
  };
  ASSERT_TRUE(multi_.add(transfer_.easy, transfer_));
  loop_.run();
  EXPECT_EQ(transfer_.codes, std::vector(5, CURLE_COULDNT_CONNECT));
}

TEST_F(CurlMultiTest, AnEndMayRemoveAnotherThatIsAboutToBeTold) {
  RecordingTransfer other;
  aim(transfer_);
  aim(other);
  bool other_in = true;
  transfer_.react = [&] {
    if (other_in && other.codes.empty()) multi_.remove(other.easy);
    other_in = false;
  };
  ASSERT_TRUE(multi_.add(other.easy, other));
  ASSERT_TRUE(multi_.add(transfer_.easy, transfer_));
  loop_.run();
  EXPECT_EQ(transfer_.codes.size(), 1U);
  EXPECT_LE(other.codes.size(), 1U);
}

}  // namespace
}  // namespace podvisor
