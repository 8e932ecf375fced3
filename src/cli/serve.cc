#include <CLI/CLI.hpp>
#include <memory>

#include "cli/daemon_options.h"
#include "cli/verbs.h"

namespace podvisor::cli {

void add_serve(CLI::App& app, Context& context) {
  auto options = std::make_shared<DaemonOptions>();
  CLI::App* verb =
      app.add_subcommand("serve", "Keep the pods of a directory running, as a service");
  verb->add_option_function<std::string>(
          "--manifests", [options](const std::string& path) { options->manifests = {path}; },
          "The directory to follow: a file added, changed or removed acts on its pods")
      ->required()
      ->type_name("DIR");
  add_daemon_options(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return context.daemon.serve(*options); };
  });
}

}  // namespace podvisor::cli
