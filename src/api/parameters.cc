#include "api/parameters.h"

#include <charconv>

namespace podvisor {

bool flag_parameter(const HttpRequest& request, const std::string& name) {
  const auto text = request.parameter(name);
  return text && *text != "false" && *text != "False" && *text != "FALSE" && *text != "0";
}

Result<std::optional<std::int64_t>> integer_parameter(const HttpRequest& request,
                                                      const std::string& name) {
  const auto text = request.parameter(name);
  if (!text || text->empty()) return std::nullopt;
  std::int64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [parsed, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || parsed != end)
    return make_error(name + ": Invalid value: \"" + *text + "\": must be an integer");
  return value;
}

}  // namespace podvisor
