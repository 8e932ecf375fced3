// RFC 4648 base64 with padding, as Kubernetes writes bytes into JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace podvisor {

/// Line breaks are passed over, as Go's decoder does; nothing for any other deviation.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);
[[nodiscard]] std::string encode_base64(std::string_view bytes);

}  // namespace podvisor
