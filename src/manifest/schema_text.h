// What a row of the schema table says, in words: for docs/MANIFEST.md and for `podvisor explain`.
#pragma once

#include <string>

#include "manifest/schema.h"

namespace podvisor::manifest {

/// "list of Container"
[[nodiscard]] std::string type_text(const Field& field);
/// "yes", or what becomes of it and why.
[[nodiscard]] std::string support_text(const Field& field);
/// "required; `TCP`, `UDP`; default `\"TCP\"`"; may be empty.
[[nodiscard]] std::string values_text(const Field& field);
/// The same for a kind.
[[nodiscard]] std::string support_text(const Kind& kind);

}  // namespace podvisor::manifest
