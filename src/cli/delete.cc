#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/follow_object.h"
#include "cli/manifest_objects.h"
#include "cli/resource.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

const std::vector<const Resource*> kDeletable{&kPods, &kDeployments, &kServices, &kConfigMaps,
                                              &kSecrets};

struct DeleteOptions : ClientOptions {
  std::vector<std::string> words;
  std::vector<std::string> paths;
  std::string selector;
  bool all = false;
  std::int64_t grace_period = -1;
  bool wait = true;
};

struct Object {
  const Resource* resource = nullptr;
  std::string namespace_;
  std::string name;
  std::string uid{};  ///< of what is going, to tell it from a new one of its name
};

Result<std::string> request_deletion(ApiClient& client, const DeleteOptions& options,
                                     const Object& object) {
  const std::string plural = object.resource->plural;
  const Result<Json> found =
      get_object(client, object_path(object.namespace_, plural, object.name));
  if (!found) return tl::unexpected(found.error());
  Query query;
  if (options.grace_period >= 0)
    query.emplace_back("gracePeriodSeconds", std::to_string(options.grace_period));
  const Result<Json> answer =
      client.del(object_path(object.namespace_, plural, object.name, query)).and_then(object_in);
  if (!answer) return tl::unexpected(answer.error());
  return raw_text(*found, "metadata.uid");
}

int wait_until_gone(ApiClient& client, const Object& object, const Console& console) {
  const auto replaced = [&](const Json& other) {
    return raw_text(other, "metadata.uid") != object.uid;
  };
  const Result<FollowEnd> end = follow_object(
      client, {object.namespace_, object.name, replaced, true, object.resource->plural},
      std::nullopt);
  return end ? 0 : report(console, end.error());
}

/// All are asked to go before any is waited for.
int delete_all(ApiClient& client, const DeleteOptions& options, std::vector<Object> objects,
               const Console& console) {
  int exit_code = 0;
  for (Object& object : objects) {
    const Result<std::string> uid = request_deletion(client, options, object);
    if (uid)
      console.out << kind_name(*object.resource) << " \"" << printable(object.name) << "\" deleted"
                  << std::endl;
    else
      exit_code = report(console, uid.error());
    object.uid = uid.value_or("");
  }
  for (const Object& object : objects)
    if (options.wait && !object.uid.empty()) exit_code |= wait_until_gone(client, object, console);
  return exit_code;
}

/// Everything of a kind in the namespace, or what the selector picks of it.
Result<std::vector<Object>> listed(ApiClient& client, const DeleteOptions& options,
                                   const Resource& resource) {
  Query query;
  if (!options.selector.empty()) query.emplace_back("labelSelector", options.selector);
  const Result<Json> found =
      get_object(client, list_path(options.namespace_, resource.plural, query));
  if (!found) return tl::unexpected(found.error());
  std::vector<Object> objects;
  for (const Json& item : list(*found, "items"))
    objects.push_back({&resource, options.namespace_, raw_text(item, "metadata.name")});
  return objects;
}

Result<std::vector<Object>> named(ApiClient& client, const DeleteOptions& options) {
  const Result<std::vector<Selection>> selections = select_each(options.words, kDeletable);
  if (!selections) return tl::unexpected(selections.error());
  const bool picks = options.all || !options.selector.empty();
  std::vector<Object> objects;
  for (const Selection& selection : *selections) {
    if (picks != selection.names.empty())
      return make_error(picks ? "error: name cannot be provided with --all or a selector"
                              : "error: resource(s) were provided, but no name was specified");
    for (const std::string& name : selection.names)
      objects.push_back({selection.resource, options.namespace_, name});
    if (!picks) continue;
    Result<std::vector<Object>> some = listed(client, options, *selection.resource);
    if (!some) return some;
    std::ranges::move(*some, std::back_inserter(objects));
  }
  return objects;
}

/// What is applied last goes first: pods before what they are made of.
Result<std::vector<Object>> in_files(const DeleteOptions& options, const Console& console) {
  std::vector<Object> objects;
  for (const ManifestObject& each : load_objects(options.paths, console).objects) {
    const Result<Selection> selection = select({each.kind}, kDeletable);
    if (!selection) return tl::unexpected(selection.error());
    objects.push_back({selection->resource, each.namespace_, each.name});
  }
  std::ranges::reverse(objects);
  return objects;
}

int delete_objects(const DeleteOptions& options, const Console& console) {
  if (options.words.empty() == options.paths.empty())
    return report(console, {"error: say what to delete: KIND NAME..., KIND --all, KIND -l LABELS, "
                            "or -f FILE"});
  ApiClient client(options.socket);
  Result<std::vector<Object>> objects =
      options.paths.empty() ? named(client, options) : in_files(options, console);
  if (!objects) return report(console, objects.error());
  if (objects->empty() && !options.paths.empty()) return 1;  // the files' errors were said
  if (objects->empty()) console.out << "No resources found\n";
  return delete_all(client, options, std::move(*objects), console);
}

}  // namespace

void add_delete(CLI::App& app, Context& context) {
  auto options = std::make_shared<DeleteOptions>();
  CLI::App* verb = app.add_subcommand(
      "delete",
      "Stop pods in order and remove them; remove Deployments with their pods, and what else was "
      "applied");
  verb->add_option("OBJECT", options->words,
                   "pod NAME... or pod/NAME..., and so on of deployments, services, configmaps and "
                   "secrets; several kinds as in pods,services, or all");
  verb->add_option("-f,--filename", options->paths,
                   "Whatever these files, directories or - for standard input name")
      ->type_name("FILE");
  verb->add_option("-l,--selector", options->selector, "Those with these labels (a=b,c!=d)")
      ->type_name("LABELS");
  verb->add_flag("--all", options->all, "All of the kind in the namespace");
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
