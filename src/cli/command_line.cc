#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

#include "cli/suggestion.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "podvisor/version.h"

namespace podvisor::cli {
namespace {

void add_verbs(CLI::App& app, Context& context) {
  add_run(app, context);
  add_serve(app, context);
  add_apply(app, context);
  add_diff(app, context);
  add_rollout(app, context);
  add_get(app, context);
  add_describe(app, context);
  add_events(app, context);
  add_logs(app, context);
  add_exec(app, context);
  add_delete(app, context);
  add_stop(app, context);
  add_wait(app, context);
  add_label(app, context);
  add_scale(app, context);
  add_set(app, context);
  add_validate(app, context);
  add_image(app, context);
  add_explain(app, context);
  add_version(app, context);
}

/// "podvisor get", for the verb that was being read.
std::string command_name(const CLI::App& app) {
  const auto verbs = app.get_subcommands();
  return verbs.empty() ? "podvisor" : "podvisor " + verbs.front()->get_name();
}

int parse_error(const CLI::App& app, const CLI::ParseError& error,
                const std::vector<std::string>& arguments, const Console& console) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success))
    return app.exit(error, console.out, console.err);  // --help, --version
  const std::string meant = suggestion(app, arguments);
  console.err << "error: " << printable(error.what()) << (meant.empty() ? "" : "; " + meant)
              << "\nSee '" << command_name(app) << " --help' for usage.\n";
  return 1;
}

/// "-n shop get pods", as kubectl takes it, is "get pods -n shop": what every verb knows may stand
/// before it.
std::vector<std::string> verb_first(std::vector<std::string> arguments) {
  const auto is_common = [](const std::string& word) {
    return word == "-n" || word == "--namespace" || word == "--socket";
  };
  auto verb = arguments.begin();
  while (verb != arguments.end() && verb->starts_with("-")) {
    const std::string name = verb->substr(0, verb->find('='));
    const auto size = name == *verb ? 2 : 1;  // with its value
    if (!is_common(name) || arguments.end() - verb <= size) break;
    verb += size;
  }
  std::rotate(arguments.begin(), verb, std::find(verb, arguments.end(), "--"));
  return arguments;
}

int parse_and_run(CLI::App& app, std::vector<std::string> arguments, Context& context) {
  const std::vector<std::string> given = arguments;
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return parse_error(app, error, given, context.console);
  }
  return context.verb();
}

}  // namespace

int command_line(std::vector<std::string> arguments, const Console& console,
                 const DaemonEntry& daemon) {
  CLI::App app{"Runs Kubernetes Pod manifests on this host, without a cluster.", "podvisor"};
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("podvisor ") + kVersion);
  app.get_formatter()->column_width(34);
  Context context{console, daemon, {}};
  add_verbs(app, context);
  const int exit_code = parse_and_run(app, verb_first(std::move(arguments)), context);
  if (console.out.flush()) return exit_code;
  console.err << "error: writing the output failed\n";
  return 1;
}

}  // namespace podvisor::cli
