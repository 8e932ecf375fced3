// What the rows of every kind have in common in `get`.
#pragma once

#include <string>
#include <vector>

#include "cli/columns.h"
#include "cli/fields.h"
#include "podvisor/time.h"

namespace podvisor::cli {

/// NAMESPACE before, LABELS after what a kind has.
[[nodiscard]] std::vector<std::string> common_header(RowColumns columns,
                                                     std::vector<std::string> cells);
[[nodiscard]] std::vector<std::string> with_common(const Json& object, RowColumns columns,
                                                   std::vector<std::string> cells);

/// Since its creation: "5m12s".
[[nodiscard]] std::string age_of(const Json& object, WallTime now);

/// "a=1,b=2", or "<none>".
[[nodiscard]] std::string label_text(const Json& object);

}  // namespace podvisor::cli
