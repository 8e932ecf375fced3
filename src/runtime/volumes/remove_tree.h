// Deletes what a container left behind, however hostile: any depth, any number of files, links to
// anywhere, in a fixed number of descriptors and without recursion.
#pragma once

#include <string>

#include "podvisor/result.h"

namespace podvisor {

/// Deletes `name` in `parent` with everything in it. Symlinks are deleted, not followed. What is
/// mounted inside stays, and so do the directories that lead to it. Goes on after a failure and
/// returns the first one. Nobody may be writing into it any more.
Status remove_tree_at(int parent, const std::string& name);

}  // namespace podvisor
