// The flags that `run` and `serve` share.
#pragma once

#include <CLI/App.hpp>

#include "daemon/options.h"
#include "manifest/manifest.h"

namespace podvisor::cli {

void add_daemon_options(CLI::App& verb, DaemonOptions& options);
void add_validate_option(CLI::App& verb, Validate& validate);

}  // namespace podvisor::cli
