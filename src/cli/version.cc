#include "podvisor/version.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct VersionOptions : ClientOptions {
  bool client_only = false;
};

/// That nothing runs is no failure here: the client's version was asked for, too.
int version(const VersionOptions& options, const Console& console) {
  console.out << "Client Version: v" << kVersion << '\n';
  if (options.client_only) return 0;
  ApiClient client(options.socket);
  const Result<Json> server = get_object(client, "/version");
  if (!server) {
    report(console, server.error());
    return 0;
  }
  console.out << "Server Version: " << text(*server, "gitVersion") << '\n';
  return 0;
}

}  // namespace

void add_version(CLI::App& app, Context& context) {
  auto options = std::make_shared<VersionOptions>();
  CLI::App* verb = app.add_subcommand("version", "Print podvisor's versions");
  verb->add_flag("--client", options->client_only, "Do not ask a running podvisor for its own");
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return version(*options, context.console); };
  });
}

}  // namespace podvisor::cli
