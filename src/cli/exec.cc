#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/exec_session.h"
#include "cli/log_source.h"
#include "cli/raw_terminal.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct ExecOptions : ClientOptions {
  std::string pod;
  std::string container;
  bool stdin = false;
  bool tty = false;
  bool quiet = false;
  std::vector<std::string> command;
};

struct Target {
  std::string pod;
  std::string container;
  std::string note;
};

Result<Target> find_target(const ExecOptions& options) {
  std::string name = options.pod;
  if (name.find('/') != std::string::npos) {
    const auto names = pod_names({name});
    if (!names) return tl::unexpected(names.error());
    name = names->front();
  }
  ApiClient client(options.socket);
  const Result<Json> pod = get_object(client, pod_path(options.namespace_, name));
  if (!pod) return tl::unexpected(pod.error());
  const std::string phase = raw_text(*pod, "status.phase");
  if (phase == "Succeeded" || phase == "Failed")
    return make_error("error: cannot exec into a container in a completed pod; current phase is " +
                      phase);
  LogSources chosen = choose_logs(*pod, {options.container, false});
  return Target{name, chosen.sources.front().container, std::move(chosen.note)};
}

std::string path_to(const ExecOptions& options, const Target& target, bool tty) {
  Query query{{"container", target.container}};
  for (const std::string& word : options.command) query.emplace_back("command", word);
  if (options.stdin) query.emplace_back("stdin", "true");
  query.emplace_back("stdout", "true");
  query.emplace_back(tty ? "tty" : "stderr", "true");
  if (tty) {
    const TerminalSize size = terminal_size(STDIN_FILENO);
    query.emplace_back("columns", std::to_string(size.columns));
    query.emplace_back("rows", std::to_string(size.rows));
  }
  return exec_path(options.namespace_, target.pod, query);
}

int exec(const ExecOptions& options, const Console& console) {
  const auto target = find_target(options);
  if (!target) return report(console, target.error());
  if (!options.quiet) console.err << target->note;
  // As kubectl has it: a terminal only for who types.
  const bool tty = options.tty && options.stdin && ::isatty(STDIN_FILENO) == 1;
  if (options.tty && options.stdin && !tty)
    console.err << "Unable to use a TTY - input is not a terminal or the right kind of file\n";
  console.err << std::flush;
  auto connection = ExecConnection::open(options.socket, path_to(options, *target, tty));
  if (!connection) return report(console, connection.error());
  const Result<int> code = follow_command(*connection, {options.stdin, tty});
  if (!code) return report(console, {"error: " + code.error().message});
  if (*code != 0) console.err << "command terminated with exit code " << *code << '\n';
  return *code;
}

}  // namespace

void add_exec(CLI::App& app, Context& context) {
  auto options = std::make_shared<ExecOptions>();
  CLI::App* verb = app.add_subcommand("exec", "Run a command in a container: POD -- COMMAND");
  verb->add_option("POD", options->pod, "The pod's name")->required();
  verb->add_option("COMMAND", options->command, "What to run, and its arguments, after --")
      ->required();
  verb->add_option("-c,--container", options->container, "Default: the pod's main container")
      ->type_name("NAME");
  verb->add_flag("-i,--stdin", options->stdin, "Pass stdin to the command");
  verb->add_flag("-t,--tty", options->tty, "With -i, at a terminal: give the command one too");
  verb->add_flag("-q,--quiet", options->quiet, "Only what the command says");
  add_namespace_option(*verb, *options);
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return exec(*options, context.console); };
  });
}

}  // namespace podvisor::cli
