// Values as the kubelet's texts show them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "podvisor/pod.h"

namespace podvisor {

/// In double quotes, with \" \\ \n \t and \xNN for what would break the line.
[[nodiscard]] std::string quote(std::string_view text);

/// "1s", "1m30s", "1h0m0s".
[[nodiscard]] std::string duration_text(Seconds span);

}  // namespace podvisor
