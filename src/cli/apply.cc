#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/follow_rollout.h"
#include "cli/manifest_objects.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct ApplyOptions : ClientOptions {
  std::vector<std::string> paths;
  std::string timeout = "0s";
  bool wait = false;
};

/// What is quoted in RFC 7234's header: 299 - "one", 299 - "another".
std::vector<std::string> warning_texts(const std::string& header) {
  std::vector<std::string> texts;
  bool quoted = false;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (header[i] == '"') {
      quoted = !quoted;
      if (quoted) texts.emplace_back();
      continue;
    }
    if (!quoted) continue;
    if (header[i] == '\\' && i + 1 < header.size()) ++i;
    texts.back() += header[i];
  }
  return texts;
}

/// Whether the object is there as it was asked for; `changed` when it was not before. `said`:
/// warnings that were given with their place already.
bool apply_one(ApiClient& client, const ManifestObject& object, const std::set<std::string>& said,
               const Console& console, bool& changed) {
  const Result<Response> answer = client.apply(
      object_path(object.namespace_, object.plural, object.name, {{"fieldManager", "podvisor"}}),
      object.document);
  const Result<Json> accepted = answer.and_then(object_in);
  if (!accepted) {
    report(console, accepted.error());
    return false;
  }
  changed = answer->result != "unchanged";
  console.out << object.kind << '/' << printable(object.name) << ' ' << printable(answer->result)
              << std::endl;
  for (const std::string& warning : warning_texts(answer->warning))
    if (!said.contains(warning)) console.err << "Warning: " << printable(warning) << '\n';
  return true;
}

int apply(const ApplyOptions& options, const Console& console) {
  const Result<Duration> timeout = parse_duration(options.timeout);
  if (!timeout) return report(console, {"error: " + timeout.error().message});
  const auto [objects, said] = load_objects(options.paths, console);
  if (objects.empty()) return 1;
  ApiClient client(options.socket);
  int exit_code = 0;
  std::vector<const ManifestObject*> rollouts;
  for (const ManifestObject& object : objects) {
    bool changed = false;
    if (!apply_one(client, object, said, console, changed)) exit_code = 1;
    if (changed && (object.kind == "pod" || object.kind == "deployment"))
      rollouts.push_back(&object);
  }
  if (!options.wait) return exit_code;
  const auto limit = *timeout > Duration{0} ? std::optional(*timeout) : std::nullopt;
  for (const ManifestObject* each : rollouts) {
    const Resource& resource = each->kind == "pod" ? kPods : kDeployments;
    exit_code |= follow_rollout(client, each->namespace_, resource, each->name, limit, console);
  }
  return exit_code;
}

}  // namespace

void add_apply(CLI::App& app, Context& context) {
  auto options = std::make_shared<ApplyOptions>();
  CLI::App* verb = app.add_subcommand("apply", "Make objects what manifests say");
  verb->add_option("-f,--filename", options->paths, "Files, directories or - for standard input")
      ->required()
      ->type_name("FILE");
  verb->add_flag("--wait", options->wait,
                 "Show the rollouts until they have ended; fail when one fails");
  verb->add_option("--timeout", options->timeout, "With --wait: of each pod; 0: for ever")
      ->capture_default_str()
      ->type_name("TIME");
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return apply(*options, context.console); };
  });
}

}  // namespace podvisor::cli
