// Names for things that must never be confused with an earlier one of the same name.
#pragma once

#include <string>

namespace podvisor {

/// A random UUID (version 4), as Kubernetes spells metadata.uid.
[[nodiscard]] std::string make_uid();

}  // namespace podvisor
