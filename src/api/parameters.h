// Query parameters, read as Kubernetes reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/message.h"
#include "podvisor/result.h"

namespace podvisor {

/// Absent, "false" and "0" are false; anything else is true.
[[nodiscard]] bool flag_parameter(const HttpRequest& request, const std::string& name);

/// Absent or empty: nothing. The error names the parameter.
[[nodiscard]] Result<std::optional<std::int64_t>> integer_parameter(const HttpRequest& request,
                                                                    const std::string& name);

}  // namespace podvisor
