#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_path.h"
#include "cli/follow_pod.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct DeleteOptions : ClientOptions {
  std::vector<std::string> words;
  std::int64_t grace_period = -1;
  bool wait = true;
};

/// The uid of the pod that is going, to tell it from a new one of its name.
Result<std::string> request_deletion(ApiClient& client, const DeleteOptions& options,
                                     const std::string& name) {
  const Result<Json> pod = get_object(client, pod_path(options.namespace_, name));
  if (!pod) return tl::unexpected(pod.error());
  Query query;
  if (options.grace_period >= 0)
    query.emplace_back("gracePeriodSeconds", std::to_string(options.grace_period));
  const Result<Json> answer =
      client.del(pod_path(options.namespace_, name, query)).and_then(object_in);
  if (!answer) return tl::unexpected(answer.error());
  return raw_text(*pod, "metadata.uid");
}

int wait_until_gone(ApiClient& client, const DeleteOptions& options, const std::string& name,
                    const std::string& uid, const Console& console) {
  const auto replaced = [&](const Json& pod) { return raw_text(pod, "metadata.uid") != uid; };
  const Result<FollowEnd> end =
      follow_pod(client, {options.namespace_, name, replaced, true}, std::nullopt);
  return end ? 0 : report(console, end.error());
}

int delete_one(ApiClient& client, const DeleteOptions& options, const std::string& name,
               const Console& console) {
  const Result<std::string> uid = request_deletion(client, options, name);
  if (!uid) return report(console, uid.error());
  console.out << "pod \"" << printable(name) << "\" deleted" << std::endl;
  return options.wait ? wait_until_gone(client, options, name, *uid, console) : 0;
}

int delete_pods(const DeleteOptions& options, const Console& console) {
  const Result<std::vector<std::string>> names = pod_names(options.words);
  if (!names) return report(console, names.error());
  if (names->empty())
    return report(console, {"error: resource(s) were provided, but no name was specified"});
  ApiClient client(options.socket);
  int exit_code = 0;
  for (const std::string& name : *names) exit_code |= delete_one(client, options, name, console);
  return exit_code;
}

}  // namespace

void add_delete(CLI::App& app, Context& context) {
  auto options = std::make_shared<DeleteOptions>();
  CLI::App* verb = app.add_subcommand("delete", "Stop pods in order and remove them");
  verb->add_option("POD", options->words, "pod NAME... or pod/NAME...")->required();
  verb->add_option("--grace-period", options->grace_period,
                   "Seconds before a container is killed; -1: as the pod says")
      ->capture_default_str()
      ->type_name("SECONDS");
  verb->add_flag("--wait,!--no-wait", options->wait,
                 "Return when they are gone (the default), or with --wait=false at once");
  add_namespace_option(*verb, *options);
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return delete_pods(*options, context.console); };
  });
}

}  // namespace podvisor::cli
