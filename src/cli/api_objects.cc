#include "cli/api_objects.h"

#include "cli/text.h"

namespace podvisor::cli {
namespace {

Json parse(std::string_view text) { return Json::parse(text, nullptr, false); }

Error status_error(const Json& status) {
  const std::string reason = text(status, "reason");
  return {"Error from server" + (reason.empty() ? "" : " (" + reason + ")") + ": " +
          text(status, "message")};
}

}  // namespace

Error server_error(const Response& response) {
  const Json status = parse(response.body);
  if (raw_text(status, "kind") == "Status" && has(status, "message")) return status_error(status);
  constexpr std::size_t kExcerpt = 200;
  return {"Error from server: HTTP " + std::to_string(response.status) + " " +
          printable(response.body.substr(0, kExcerpt))};
}

Result<Json> object_in(const Response& response) {
  if (response.status < 200 || response.status > 299) return tl::unexpected(server_error(response));
  Json object = parse(response.body);
  if (!object.is_object())
    return make_error("the server's answer is not a JSON object; is the socket podvisor's?");
  return object;
}

Result<Json> get_object(ApiClient& client, const std::string& path) {
  return client.get(path).and_then(object_in);
}

bool WatchDecoder::fail(std::string message) {
  error_ = Error{std::move(message)};
  return false;
}

bool WatchDecoder::take_line(std::string_view line) {
  if (line.empty()) return true;
  const Json event = parse(line);
  const std::string type = raw_text(event, "type");
  if (type == "ERROR") {
    error_ = status_error(field(event, "object"));
    return false;
  }
  if (type.empty() || !has(event, "object"))
    return fail("the server's watch is not made of watch events; is the socket podvisor's?");
  return on_event_(type, field(event, "object"));
}

bool WatchDecoder::feed(std::string_view data) {
  for (std::size_t end = data.find('\n'); end != std::string_view::npos; end = data.find('\n')) {
    pending_ += data.substr(0, end);
    data.remove_prefix(end + 1);
    const std::string line = std::exchange(pending_, {});
    if (!take_line(line)) return false;
  }
  pending_ += data;
  if (pending_.size() > kMaxLine) return fail("the server's watch event is over 16 MiB");
  return true;
}

Result<WatchEnd> watch(ApiClient& client, const std::string& path,
                       const WatchDecoder::OnEvent& on_event, std::optional<Duration> timeout) {
  WatchDecoder decoder(on_event);
  const auto feed = [&](std::string_view data) { return decoder.feed(data); };
  const Result<StreamEnd> end = client.stream(path, feed, timeout);
  if (!end) return tl::unexpected(end.error());
  if (decoder.error()) return tl::unexpected(*decoder.error());
  if (end->response.status > 299) return tl::unexpected(server_error(end->response));
  return WatchEnd{end->timed_out, end->broken};
}

}  // namespace podvisor::cli
