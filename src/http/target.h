// The request target: path and query, percent-decoded once, here and nowhere else.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "podvisor/result.h"

namespace podvisor {

struct HttpTarget {
  std::string path;
  std::multimap<std::string, std::string> query;
};

/// Refuses broken percent-encodings and control characters, NUL among them, raw or encoded.
[[nodiscard]] Result<HttpTarget> parse_target(std::string_view target);

}  // namespace podvisor
