// $(VAR) references in commands, arguments and values (kubernetes-semantics EXP). Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace podvisor {

/// Replaces each $(NAME) that `lookup` knows by its value; $$ gives one $; all else is kept as it
/// is, unknown references included. One pass: what came in is not looked at again (EXP-1).
/// `lookup` returns nullptr for a name that it does not know.
[[nodiscard]] std::string expand(
    std::string_view text, const std::function<const std::string*(std::string_view name)>& lookup);

}  // namespace podvisor
