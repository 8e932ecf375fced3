#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/documents.h"
#include "cli/manifest_objects.h"
#include "cli/text.h"
#include "cli/unified_diff.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

constexpr int kSame = 0;
constexpr int kDiffers = 1;  // as diff and kubectl have it
constexpr int kFailed = 2;

struct DiffOptions : ClientOptions {
  std::vector<std::string> paths;
};

/// What podvisor adds by itself, and no manifest has.
Json as_written(Json object) {
  object.erase("status");
  for (const char* key : {"uid", "resourceVersion", "creationTimestamp", "generation",
                          "deletionTimestamp", "deletionGracePeriodSeconds"})
    if (object["metadata"].is_object()) object["metadata"].erase(key);
  if (object["metadata"].contains("annotations")) {
    object["metadata"]["annotations"].erase("deployment.kubernetes.io/revision");
    if (object["metadata"]["annotations"].empty()) object["metadata"].erase("annotations");
  }
  if (object["spec"].is_object()) object["spec"].erase("nodeName");
  if (object["spec"].is_null()) object.erase("spec");
  return object;
}

/// As kubectl: that a value differs is shown, the value is not.
void mask_secret(Json& before, Json& after) {
  if (!before["data"].is_object()) before["data"] = Json::object();
  if (!after["data"].is_object()) after["data"] = Json::object();
  for (auto& [key, value] : after["data"].items()) {
    const auto old = before["data"].find(key);
    const bool differs = old != before["data"].end() && *old != value;
    value = differs ? "*** (after)" : "***";
    if (old != before["data"].end()) *old = differs ? "*** (before)" : "***";
  }
  for (auto& [key, value] : before["data"].items())
    if (!after["data"].contains(key)) value = "***";
}

/// The object as it is now; null when there is none.
Result<Json> live_object(ApiClient& client, const ManifestObject& object) {
  const auto answer = client.get(object_path(object.namespace_, object.plural, object.name));
  if (answer && answer->status == 404) return Json();
  return answer.and_then(object_in).map(as_written);
}

int diff_one(ApiClient& client, const ManifestObject& object, const Console& console) {
  Result<Json> live = live_object(client, object);
  if (!live) return report(console, live.error()) + 1;
  const Result<Response> answer =
      client.apply(object_path(object.namespace_, object.plural, object.name, {{"dryRun", "All"}}),
                   object.document);
  Result<Json> wanted = answer.and_then(object_in).map(as_written);
  if (!wanted) return report(console, wanted.error()) + 1;
  if (object.kind == "secret" && live->is_object()) mask_secret(*live, *wanted);
  const std::string name = object.kind + "/" + printable(object.name);
  const std::string text = unified_diff("live/" + name, live->is_null() ? "" : to_yaml_text(*live),
                                        "merged/" + name, to_yaml_text(*wanted));
  if (text.empty()) return kSame;
  console.out << text;
  if (!answer->effect.empty()) console.out << name << ": " << printable(answer->effect) << '\n';
  console.out.flush();
  return kDiffers;
}

int diff(const DiffOptions& options, const Console& console) {
  const std::vector<ManifestObject> objects = load_objects(options.paths, console).objects;
  if (objects.empty()) return kFailed;
  ApiClient client(options.socket);
  int exit_code = kSame;
  for (const ManifestObject& object : objects)
    exit_code = std::max(exit_code, diff_one(client, object, console));
  return exit_code;
}

}  // namespace

void add_diff(CLI::App& app, Context& context) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* verb = app.add_subcommand(
      "diff", "Say what apply would change and restart; exit 1 when it would, 2 on errors");
  verb->add_option("-f,--filename", options->paths, "Files, directories or - for standard input")
      ->required()
      ->type_name("FILE");
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return diff(*options, context.console); };
  });
}

}  // namespace podvisor::cli
