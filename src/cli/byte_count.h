// Sizes for a person, as docker and crictl write them: powers of ten, four digits. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace podvisor::cli {

/// "1.08MB", "742kB", "0B".
[[nodiscard]] std::string byte_count(std::int64_t bytes);

}  // namespace podvisor::cli
