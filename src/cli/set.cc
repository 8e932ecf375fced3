#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct SetConditionOptions : ClientOptions {
  std::string pod;
  std::vector<std::string> conditions;
  std::string reason;
  std::string message;
};

/// "example.com/open=True"
Result<Json> parse_condition(const std::string& word, const SetConditionOptions& options) {
  const std::size_t equals = word.rfind('=');
  const std::string status = equals == std::string::npos ? "" : word.substr(equals + 1);
  if (equals == 0 || (status != "True" && status != "False" && status != "Unknown"))
    return make_error("error: \"" + printable(word) +
                      "\" is not TYPE=STATUS with True, False or Unknown");
  return Json{{"type", word.substr(0, equals)},
              {"status", status},
              {"reason", options.reason},
              {"message", options.message}};
}

int set_condition(const SetConditionOptions& options, const Console& console) {
  std::string name = options.pod;
  if (name.find('/') != std::string::npos) {
    const Result<std::vector<std::string>> names = pod_names({name});
    if (!names) return report(console, names.error());
    name = names->front();
  }
  Json conditions = Json::array();
  for (const std::string& word : options.conditions) {
    const Result<Json> condition = parse_condition(word, options);
    if (!condition) return report(console, condition.error());
    conditions.push_back(*condition);
  }
  const Json body{{"status", {{"conditions", conditions}}}};
  ApiClient client(options.socket);
  const Result<Json> pod =
      client.patch(object_path(options.namespace_, "pods", name) + "/status", body.dump())
          .and_then(object_in);
  if (!pod) return report(console, pod.error());
  console.out << "pod/" << printable(name) << " condition set\n";
  return 0;
}

}  // namespace

void add_set(CLI::App& app, Context& context) {
  auto options = std::make_shared<SetConditionOptions>();
  CLI::App* set = app.add_subcommand("set", "Set a pod's condition");
  set->require_subcommand(1);
  CLI::App* verb = set->add_subcommand(
      "condition", "Set conditions that a pod's readiness gates wait for, or any of your own");
  verb->add_option("POD", options->pod, "NAME or pod/NAME")->required();
  verb->add_option("CONDITION", options->conditions, "TYPE=True, =False or =Unknown")->required();
  verb->add_option("--reason", options->reason, "One word for programs")->type_name("WORD");
  verb->add_option("--message", options->message, "A sentence for people")->type_name("TEXT");
  add_namespace_option(*verb, *options);
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return set_condition(*options, context.console); };
  });
}

}  // namespace podvisor::cli
