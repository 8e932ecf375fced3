// The labels that were set on the node, in a file that survives podvisor and a power cut.
#pragma once

#include <string>

#include "podvisor/ports/node_control.h"
#include "podvisor/result.h"

namespace podvisor {

/// What was changed against the labels that the node has anyway. No file: nothing. The error names
/// the file and says what is wrong with it.
[[nodiscard]] Result<LabelChanges> read_label_file(const std::string& path);
/// Replaces the file in one step: written beside it, synced, renamed, the directory synced. Without
/// changes there is no file.
[[nodiscard]] Status write_label_file(const std::string& path, const LabelChanges& changes);

}  // namespace podvisor
