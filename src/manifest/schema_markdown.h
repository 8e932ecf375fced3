// docs/MANIFEST.md, printed from the schema table.
#pragma once

#include <string>

namespace podvisor::manifest {

[[nodiscard]] std::string schema_markdown();

}  // namespace podvisor::manifest
