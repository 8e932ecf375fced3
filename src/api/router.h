// From a method and a path to a handler: a table that reads as the API does.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace podvisor {

struct ApiContext;

struct ApiRequest {
  const HttpRequest& http;
  std::map<std::string, std::string> path;  ///< what the pattern's {names} stand for

  [[nodiscard]] std::string operator[](const std::string& name) const {
    const auto found = path.find(name);
    return found == path.end() ? std::string() : found->second;
  }
};

struct Route {
  using Handler = HttpReply (*)(ApiContext&, const ApiRequest&);
  const char* method;
  const char* pattern;  ///< "/api/v1/namespaces/{namespace}/pods"; a {name} is one segment
  Handler handler;
};

using RouteTable = std::vector<Route>;

/// The first route that matches; HEAD is answered by GET's. 404 or 405 as a v1 Status otherwise.
[[nodiscard]] HttpReply route(const RouteTable& table, ApiContext& context,
                              const HttpRequest& request);

}  // namespace podvisor
