#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/daemon_options.h"
#include "cli/pull_line.h"
#include "cli/verbs.h"

namespace podvisor::cli {

void add_run(CLI::App& app, Context& context) {
  auto options = std::make_shared<DaemonOptions>();
  CLI::App* verb =
      app.add_subcommand("run", "Run pods in the foreground until they have ended or Ctrl-C");
  verb->add_option("FILE", options->manifests, "Manifests: files, directories or - (stdin)")
      ->required();
  add_daemon_options(*verb, *options);
  verb->callback([options, &context] {
    if (::isatty(STDOUT_FILENO) == 1) options->pull_line = pull_line;
    context.verb = [options, &context] { return context.daemon.run(*options); };
  });
}

}  // namespace podvisor::cli
