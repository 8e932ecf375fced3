// One request and its answer, between libmicrohttpd and a handler.
#pragma once

#include <microhttpd.h>

#include <memory>
#include <optional>
#include <string>

#include "http/message.h"
#include "http/stream.h"
#include "loop/loop.h"
#include "podvisor/result.h"

namespace podvisor {

class HttpExchange : private HttpStream::Carrier {
 public:
  /// `run_soon` is called when the library has to be given a turn.
  HttpExchange(Loop& loop, MHD_Connection* connection, std::string target,
               std::function<void()> run_soon);
  ~HttpExchange() override;

  /// True on the first call only: the headers are in, the body is not.
  [[nodiscard]] bool begin() { return !std::exchange(begun_, true); }
  /// False: the client has said that the body is longer.
  [[nodiscard]] bool announces_at_most(std::size_t max_body) const;
  /// Keeps a piece of the body, unless the whole has become longer than max_body.
  void receive(const char* data, std::size_t size, std::size_t max_body);
  [[nodiscard]] bool too_large() const { return too_large_; }

  /// Fails for a target that cannot be read.
  [[nodiscard]] Result<HttpRequest> request(std::optional<uid_t> peer_uid);
  [[nodiscard]] MHD_Result answer(HttpReply reply, const HttpLimits& limits);
  [[nodiscard]] bool streams() const { return stream_ != nullptr; }
  /// Cuts the stream, so that the server may be stopped.
  void cut();

 private:
  void wake() override;
  void abort() override;
  [[nodiscard]] MHD_Result send(HttpResponse response);
  [[nodiscard]] MHD_Result send(HttpStreaming streaming, const HttpLimits& limits);
  [[nodiscard]] MHD_Result send(HttpUpgrade upgrade);
  static void leave_http(void* cls, MHD_Connection* connection, void* request, const char* early,
                         std::size_t early_size, MHD_socket socket, MHD_UpgradeResponseHandle* end);
  [[nodiscard]] ssize_t take(char* to, std::size_t size);
  void suspend();
  [[nodiscard]] int socket() const;

  Loop& loop_;
  MHD_Connection* connection_;
  std::string target_;
  std::function<void()> run_soon_;
  std::string body_;
  bool begun_ = false;
  bool too_large_ = false;
  std::shared_ptr<HttpStream> stream_;
  std::function<void(Fd socket, std::string early)> upgrade_;
  bool suspended_ = false;
  /// While a connection is suspended the library does not see its client leave; this does.
  std::unique_ptr<Poll> departure_;
};

}  // namespace podvisor
