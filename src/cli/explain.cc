#include "manifest/explain.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct ExplainOptions {
  std::string path;
  bool recursive = false;
};

int explain(const ExplainOptions& options, const Console& console) {
  const Result<std::string> page = manifest::explain(options.path, options.recursive);
  if (!page) return report(console, page.error());
  console.out << *page;
  return 0;
}

}  // namespace

void add_explain(CLI::App& app, Context& context) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* verb = app.add_subcommand(
      "explain", "Say what a field of a manifest means, and what podvisor does with it");
  verb->add_option("FIELD", options->path, "Such as pod.spec.containers.livenessProbe")->required();
  verb->add_flag("--recursive", options->recursive, "Everything below it, as a tree");
  verb->callback([options, &context] {
    context.verb = [options, &context] { return explain(*options, context.console); };
  });
}

}  // namespace podvisor::cli
