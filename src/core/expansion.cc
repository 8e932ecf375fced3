#include "podvisor/expansion.h"

namespace podvisor {

std::string expand(std::string_view text,
                   const std::function<const std::string*(std::string_view name)>& lookup) {
  std::string out;
  while (!text.empty()) {
    const auto dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar);
    const auto close = text.starts_with("$(") ? text.find(')') : std::string_view::npos;
    if (close == std::string_view::npos) {  // "$$", "$x", an unclosed "$(", or "$" at the end
      out += text.starts_with("$$") ? text.substr(0, 1) : text.substr(0, 2);
      text.remove_prefix(text.size() < 2 ? text.size() : 2);
      continue;
    }
    const std::string* value = lookup(text.substr(2, close - 2));
    out += value != nullptr ? std::string_view(*value) : text.substr(0, close + 1);
    text.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace podvisor
