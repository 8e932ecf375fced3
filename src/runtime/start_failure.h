// Why a container did not start.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace podvisor {

struct StartFailure {
  std::string reason;  ///< CST-1, IMG-1
  std::string message;
};
template <typename T>
using StartResult = tl::expected<T, StartFailure>;

}  // namespace podvisor
