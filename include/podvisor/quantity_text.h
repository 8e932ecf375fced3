// A number of bytes as a manifest would have written it (QTY). Pure.
#pragma once

#include <cstdint>
#include <string>

namespace podvisor {

/// "64Mi", "1G": the shorter of the binary and the decimal way to write it exactly, as only the
/// manifest knows which one was used.
[[nodiscard]] std::string quantity_text(std::int64_t bytes);

}  // namespace podvisor
