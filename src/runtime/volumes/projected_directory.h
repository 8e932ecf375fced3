// The files of a configMap, secret, downwardAPI or projected volume on disk (VOL-6):
//
//   ..2026_11_26_10_00_00.123456789/   the files of one generation
//   ..data -> ..2026_11_26_10_00_00.123456789
//   app.conf -> ..data/app.conf        each visible name
//
// An update writes the next generation beside it and renames a new `..data` over the old one.
#pragma once

#include <sys/types.h>

#include <optional>

#include "podvisor/result.h"
#include "runtime/volumes/projection.h"

namespace podvisor {

/// Makes the open `directory` hold exactly `projection`; false when it does already. The generation
/// replaced is kept until the next one comes: whoever has just followed `..data` still finds it.
/// With `fs_group` (VOL-12) all belongs to that group and can be read by it.
[[nodiscard]] Result<bool> write_projection(int directory, const Projection& projection,
                                            std::optional<gid_t> fs_group);

}  // namespace podvisor
