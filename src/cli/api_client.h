// HTTP over podvisor's Unix socket, by libcurl. Blocking; one object a thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "loop/libcurl.h"
#include "podvisor/result.h"
#include "podvisor/time.h"

namespace podvisor::cli {

struct Response {
  long status = 0;
  std::string body;       ///< at most ApiClient::kMaxBody bytes; a streamed success has none
  std::string result{};   ///< of apply: "created", "configured" or "unchanged"
  std::string effect{};   ///< of apply: what it leads to; may be empty
  std::string warning{};  ///< the header of that name, as it came; may be empty
};

/// How a stream ended. Its body is the error's when status is not a success.
struct StreamEnd {
  Response response;
  bool timed_out = false;
  std::optional<Error> broken;  ///< it stopped in the midst, such as when podvisor died
};

class ApiClient {
 public:
  explicit ApiClient(std::string socket) : socket_(std::move(socket)) {}

  /// Errors: podvisor cannot be reached, or the answer is not HTTP, too long or too late (30 s).
  [[nodiscard]] Result<Response> get(const std::string& path);
  [[nodiscard]] Result<Response> del(const std::string& path);
  /// A strategic merge patch, JSON.
  [[nodiscard]] Result<Response> patch(const std::string& path, const std::string& body);
  /// Makes the object what the document (JSON) says, all of it, by server-side apply.
  [[nodiscard]] Result<Response> apply(const std::string& path, const std::string& document);
  [[nodiscard]] Result<Response> post(const std::string& path, const std::string& body);
  /// GET, handing over the body of a success as it comes, until `on_data` returns false, the server
  /// ends it or `timeout` is over (unset: never). Now and then `on_data` gets nothing at all, to
  /// say whether to go on. Errors: podvisor cannot be reached.
  using OnData = std::function<bool(std::string_view)>;
  [[nodiscard]] Result<StreamEnd> stream(const std::string& path, const OnData& on_data,
                                         std::optional<Duration> timeout = std::nullopt);

  static constexpr std::size_t kMaxBody = 64U << 20U;

 private:
  struct Transfer;
  [[nodiscard]] Result<Response> perform(const std::string& path, const char* method,
                                         const std::string* body = nullptr,
                                         const char* body_type = "application/json");
  [[nodiscard]] CURLcode run(const std::string& path, const char* method, Transfer& transfer,
                             std::optional<Duration> timeout);
  [[nodiscard]] Error failure(CURLcode code, const Transfer& transfer) const;

  struct Cleanup {
    void operator()(CURL* handle) const { curl().easy_cleanup(handle); }
  };
  std::string socket_;
  std::unique_ptr<CURL, Cleanup> handle_;
};

}  // namespace podvisor::cli
