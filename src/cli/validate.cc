#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/daemon_options.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "manifest/manifest.h"
#include "manifest/present.h"

namespace podvisor::cli {
namespace {

struct ValidateOptions {
  std::vector<std::string> paths;
  std::string output;
  Validate validate = Validate::Strict;
  bool host = false;
};

void print_valid(const char* kind, const ObjectMeta& meta, std::ostream& out) {
  out << kind << '/' << printable(meta.name) << ": valid\n";
}

void print_valid(const LoadResult& loaded, std::ostream& out) {
  for (const auto& each : loaded.namespaces) print_valid("namespace", each.object->metadata, out);
  for (const auto& each : loaded.configs) {
    const bool secret = each.object->kind == ConfigKind::Secret;
    print_valid(secret ? "secret" : "configmap", each.object->metadata, out);
  }
  for (const auto& each : loaded.services) print_valid("service", each.object->metadata, out);
  for (const auto& each : loaded.deployments) print_valid("deployment", each.object->metadata, out);
  for (const LoadedPod& each : loaded.pods) print_valid("pod", each.pod->metadata, out);
}

/// Pods that could not run here are left out of what is valid.
void check_pods(LoadResult& loaded, const DaemonEntry& daemon) {
  std::vector<LoadedPod> fine;
  for (LoadedPod& pod : loaded.pods) {
    std::vector<Diagnostic> problems = daemon.check_host(pod);
    if (problems.empty()) fine.push_back(std::move(pod));
    std::ranges::move(problems, std::back_inserter(loaded.diagnostics));
  }
  loaded.pods = std::move(fine);
}

int validate(const ValidateOptions& options, const Context& context) {
  LoadOptions load_options;
  load_options.validate = options.validate;
  LoadResult all = load_paths(options.paths, load_options);
  if (options.host) check_pods(all, context.daemon);
  const Console& console = context.console;
  if (options.output == "json") {
    for (const Diagnostic& diagnostic : all.diagnostics)
      console.out << to_json_line(diagnostic) << '\n';
  } else {
    present(all.diagnostics, console.diagnostics, console.err);
    print_valid(all, console.out);
  }
  return all.ok() ? 0 : 1;
}

}  // namespace

void add_validate(CLI::App& app, Context& context) {
  auto options = std::make_shared<ValidateOptions>();
  CLI::App* verb = app.add_subcommand("validate", "Say what is wrong with manifests, if anything");
  verb->add_option("FILE,-f,--filename", options->paths,
                   "Files, directories or - for standard input")
      ->required()
      ->type_name("FILE");
  verb->add_option("-o,--output", options->output, "json: one object a line for each finding")
      ->check(CLI::IsMember({"json"}))
      ->type_name("FORMAT");
  verb->add_flag("--host", options->host,
                 "Also say what keeps pods from running on this host: ports, rights, files");
  add_validate_option(*verb, options->validate);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return validate(*options, context); };
  });
}

}  // namespace podvisor::cli
