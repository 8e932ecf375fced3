// Is this text at all? Run before the YAML parser sees anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "manifest/manifest.h"

namespace podvisor::manifest {

/// What is wrong with it: too long, NUL bytes, not UTF-8. One diagnostic at most.
[[nodiscard]] std::optional<Diagnostic> check_text(std::string_view text, const std::string& file);

/// JSON writes characters beyond U+FFFF as two \uXXXX, which yaml-cpp does not take: as \UXXXXXXXX.
/// Texts that are not JSON are returned unchanged.
[[nodiscard]] std::string join_surrogates(std::string_view text);

}  // namespace podvisor::manifest
