#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/resource.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct ScaleOptions : ClientOptions {
  std::vector<std::string> words;
  int replicas = 0;
};

int scale(const ScaleOptions& options, const Console& console) {
  const Result<Selection> selection = select(options.words, {&kDeployments});
  if (!selection) return report(console, selection.error());
  if (selection->names.empty())
    return report(console, {"error: say which deployment: deployment/NAME"});
  ApiClient client(options.socket);
  const Json body{{"spec", {{"replicas", options.replicas}}}};
  int exit_code = 0;
  for (const std::string& name : selection->names) {
    const std::string path = object_path(options.namespace_, kDeployments.plural, name) + "/scale";
    const Result<Json> answer = client.patch(path, body.dump()).and_then(object_in);
    if (!answer) {
      exit_code |= report(console, answer.error());
      continue;
    }
    console.out << full_name(*selection->resource, name) << " scaled" << std::endl;
  }
  return exit_code;
}

}  // namespace

void add_scale(CLI::App& app, Context& context) {
  auto options = std::make_shared<ScaleOptions>();
  CLI::App* verb = app.add_subcommand("scale", "Set how many pods a Deployment has");
  verb->add_option("DEPLOYMENT", options->words, "deployment NAME... or deployment/NAME...")
      ->required();
  verb->add_option("--replicas", options->replicas, "How many")
      ->required()
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  add_namespace_option(*verb, *options);
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return scale(*options, context.console); };
  });
}

}  // namespace podvisor::cli
