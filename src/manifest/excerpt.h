// The line of the text that each diagnostic is about, for those who see it on a terminal.
#pragma once

#include <string_view>
#include <vector>

#include "manifest/manifest.h"

namespace podvisor::manifest {

/// Fills in Diagnostic::excerpt; of a Secret's lines nothing is kept.
void add_excerpts(std::string_view text, std::vector<Diagnostic>& diagnostics);

}  // namespace podvisor::manifest
