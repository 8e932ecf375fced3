#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_path.h"
#include "cli/follow_object.h"
#include "cli/resource.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct DeleteOptions : ClientOptions {
  std::vector<std::string> words;
  std::int64_t grace_period = -1;
  bool wait = true;
};

/// The uid of what is going, to tell it from a new one of its name.
Result<std::string> request_deletion(ApiClient& client, const DeleteOptions& options,
                                     const Resource& resource, const std::string& name) {
  const Result<Json> object =
      get_object(client, object_path(options.namespace_, resource.plural, name));
  if (!object) return tl::unexpected(object.error());
  Query query;
  if (options.grace_period >= 0)
    query.emplace_back("gracePeriodSeconds", std::to_string(options.grace_period));
  const Result<Json> answer =
      client.del(object_path(options.namespace_, resource.plural, name, query)).and_then(object_in);
  if (!answer) return tl::unexpected(answer.error());
  return raw_text(*object, "metadata.uid");
}

int wait_until_gone(ApiClient& client, const DeleteOptions& options, const Resource& resource,
                    const std::string& name, const std::string& uid, const Console& console) {
  const auto replaced = [&](const Json& object) { return raw_text(object, "metadata.uid") != uid; };
  const Result<FollowEnd> end = follow_object(
      client, {options.namespace_, name, replaced, true, resource.plural}, std::nullopt);
  return end ? 0 : report(console, end.error());
}

int delete_one(ApiClient& client, const DeleteOptions& options, const Resource& resource,
               const std::string& name, const Console& console) {
  const Result<std::string> uid = request_deletion(client, options, resource, name);
  if (!uid) return report(console, uid.error());
  console.out << kind_name(resource) << " \"" << printable(name) << "\" deleted" << std::endl;
  return options.wait ? wait_until_gone(client, options, resource, name, *uid, console) : 0;
}

int delete_objects(const DeleteOptions& options, const Console& console) {
  const Result<Selection> selection = select(options.words, {&kPods, &kDeployments});
  if (!selection) return report(console, selection.error());
  if (selection->names.empty())
    return report(console, {"error: resource(s) were provided, but no name was specified"});
  ApiClient client(options.socket);
  int exit_code = 0;
  for (const std::string& name : selection->names)
    exit_code |= delete_one(client, options, *selection->resource, name, console);
  return exit_code;
}

}  // namespace

void add_delete(CLI::App& app, Context& context) {
  auto options = std::make_shared<DeleteOptions>();
  CLI::App* verb = app.add_subcommand(
      "delete", "Stop pods in order and remove them, or a Deployment with its pods");
  verb->add_option("OBJECT", options->words, "pod NAME... or pod/NAME..., deployment/NAME...")
      ->required();
  verb->add_option("--grace-period", options->grace_period,
                   "Seconds before a container is killed; -1: as the pod says")
      ->capture_default_str()
      ->type_name("SECONDS");
  verb->add_flag("--wait,!--no-wait", options->wait,
                 "Return when they are gone (the default), or with --wait=false at once");
  add_namespace_option(*verb, *options);
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return delete_objects(*options, context.console); };
  });
}

}  // namespace podvisor::cli
