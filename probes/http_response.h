// What of a response a probe looks at: status, Location, and at most 10 KiB of body (HTTP-11).
#pragma once

#include <http_parser.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace podvisor {

struct ProbeResponse {
  bool head_complete = false;  ///< of the final response, not of an interim one (HTTP-16)
  int status = 0;
  std::string location;       ///< of the final response; empty: none
  std::size_t body_size = 0;  ///< counted up to kMaxProbeOutput
  std::string body;           ///< kept only where a verdict may show it

  void clear();
  /// False: as much has been seen as a probe wants, the rest is to be dropped.
  [[nodiscard]] bool add_body(std::string_view bytes);
};

/// Reads a response as it comes in, in pieces of any size.
class ProbeResponseParser {
 public:
  enum class Progress : std::uint8_t { More, Done, Malformed };

  /// Begins a new response into `response`, borrowed until the next start().
  void start(ProbeResponse& response);
  [[nodiscard]] Progress feed(std::string_view bytes);
  /// The peer has closed: Done where that ends the body, else Malformed.
  [[nodiscard]] Progress end();
  [[nodiscard]] bool nothing_came() const { return !anything_; }
  [[nodiscard]] std::string error() const;  ///< what was malformed

 private:
  static int on_header_field(http_parser* parser, const char* text, std::size_t size);
  static int on_header_value(http_parser* parser, const char* text, std::size_t size);
  static int on_headers_complete(http_parser* parser);
  static int on_body(http_parser* parser, const char* bytes, std::size_t size);
  static int on_message_complete(http_parser* parser);
  static const http_parser_settings& settings();
  [[nodiscard]] Progress execute(const char* bytes, std::size_t size);

  http_parser parser_{};
  ProbeResponse* response_ = nullptr;
  std::string header_name_;
  bool in_value_ = false;
  bool anything_ = false;
  bool done_ = false;
};

}  // namespace podvisor
