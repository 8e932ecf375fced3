#include "api/router.h"

#include <optional>
#include <set>

#include "api/status_json.h"

namespace podvisor {
namespace {

using PathParameters = std::map<std::string, std::string>;

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

std::optional<PathParameters> match(std::string_view pattern,
                                    const std::vector<std::string_view>& path) {
  const auto expected = segments(pattern);
  if (expected.size() != path.size()) return std::nullopt;
  PathParameters parameters;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::string_view want = expected[i];
    if (want.empty() || want.front() != '{') {
      if (want != path[i]) return std::nullopt;
    } else if (path[i].empty()) {
      return std::nullopt;
    } else {
      parameters.emplace(want.substr(1, want.size() - 2), path[i]);
    }
  }
  return parameters;
}

HttpResponse no_such_path() {
  return failure_response(
      {404, "NotFound", "the server could not find the requested resource", {}, {}});
}

HttpResponse no_such_method(const std::set<std::string>& allowed) {
  auto response = failure_response({405,
                                    "MethodNotAllowed",
                                    "the server does not allow this method on the requested "
                                    "resource",
                                    {},
                                    {}});
  std::string& header = response.headers["Allow"];
  for (const std::string& method : allowed) header += (header.empty() ? "" : ", ") + method;
  return response;
}

}  // namespace

HttpReply route(const RouteTable& table, ApiContext& context, const HttpRequest& request) {
  const auto path = segments(request.path);
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  std::set<std::string> allowed;
  for (const Route& candidate : table) {
    auto parameters = match(candidate.pattern, path);
    if (!parameters) continue;
    if (candidate.method == method)
      return candidate.handler(context, {request, std::move(*parameters)});
    allowed.insert(candidate.method);
  }
  return allowed.empty() ? no_such_path() : no_such_method(allowed);
}

}  // namespace podvisor
