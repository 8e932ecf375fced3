#pragma once

namespace podvisor {

inline constexpr const char* kVersion = PODVISOR_VERSION;  ///< of the build, such as "0.1.0"

}  // namespace podvisor
