#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/daemon_options.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "manifest/manifest.h"

namespace podvisor::cli {
namespace {

struct ValidateOptions {
  std::vector<std::string> paths;
  Validate validate = Validate::Strict;
};

int validate(const ValidateOptions& options, const Console& console) {
  LoadResult all;
  LoadOptions load_options;
  load_options.validate = options.validate;
  for (const std::string& path : options.paths) append(all, load_path(path, load_options));
  for (const Diagnostic& diagnostic : all.diagnostics)
    console.err << printable(to_string(diagnostic)) << '\n';
  for (const LoadedPod& loaded : all.pods)
    console.out << "pod/" << printable(loaded.pod->metadata.name) << ": valid\n";
  return all.ok() ? 0 : 1;
}

}  // namespace

void add_validate(CLI::App& app, Context& context) {
  auto options = std::make_shared<ValidateOptions>();
  CLI::App* verb = app.add_subcommand("validate", "Say what is wrong with manifests, if anything");
  verb->add_option("FILE", options->paths, "Files, directories or - for standard input")
      ->required();
  add_validate_option(*verb, options->validate);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return validate(*options, context.console); };
  });
}

}  // namespace podvisor::cli
