// The API's answers as objects: errors told in kubectl's words, watches taken apart.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/api_client.h"
#include "cli/fields.h"
#include "podvisor/result.h"

namespace podvisor::cli {

/// "Error from server (NotFound): pods "x" not found", from a v1 Status or, failing that, from the
/// HTTP status.
[[nodiscard]] Error server_error(const Response& response);
/// The object in a success; the server's error otherwise.
[[nodiscard]] Result<Json> object_in(const Response& response);
[[nodiscard]] Result<Json> get_object(ApiClient& client, const std::string& path);

/// Takes newline-delimited watch events out of a stream.
class WatchDecoder {
 public:
  /// Called with "ADDED", "MODIFIED", "DELETED", "ERROR" and the object; false ends the watch.
  using OnEvent = std::function<bool(const std::string& type, const Json& object)>;
  explicit WatchDecoder(OnEvent on_event) : on_event_(std::move(on_event)) {}

  /// False once the watch is over: on_event said so, or what came is no watch event (see error()).
  [[nodiscard]] bool feed(std::string_view data);
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  static constexpr std::size_t kMaxLine = 16U << 20U;

 private:
  [[nodiscard]] bool take_line(std::string_view line);
  [[nodiscard]] bool fail(std::string message);

  OnEvent on_event_;
  std::string pending_;
  std::optional<Error> error_;
};

struct WatchEnd {
  bool timed_out = false;
  std::optional<Error> broken;  ///< as StreamEnd says it
};
/// Watches until `on_event` returns false, the server ends it or the timeout is over.
[[nodiscard]] Result<WatchEnd> watch(ApiClient& client, const std::string& path,
                                     const WatchDecoder::OnEvent& on_event,
                                     std::optional<Duration> timeout = std::nullopt);

}  // namespace podvisor::cli
