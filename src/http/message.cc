#include "http/message.h"

namespace podvisor {

std::optional<std::string> HttpRequest::parameter(const std::string& name) const {
  const auto found = query.lower_bound(name);
  if (found == query.end() || found->first != name) return std::nullopt;
  return found->second;
}

}  // namespace podvisor
