#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct LogsOptions : ClientOptions {
  std::string pod;
  std::string container;
  bool follow = false;
  bool previous = false;
  bool timestamps = false;
  std::int64_t tail = -1;
};

/// The container meant when none is named; says which, where there is a choice.
std::string default_container(const Json& pod, const Console& console) {
  const Json& annotations = field(pod, "metadata.annotations");
  const Json& containers = list(pod, "spec.containers");
  std::string chosen;
  if (const auto found = annotations.find("kubectl.kubernetes.io/default-container");
      annotations.is_object() && found != annotations.end())
    chosen = raw_text(*found, "");
  if (find_named(pod, "spec.containers", chosen).is_null() && !containers.empty())
    chosen = raw_text(containers.front(), "name");
  std::string others;
  for (const Json& container : containers)
    others += (others.empty() ? "" : ", ") + text(container, "name");
  for (const Json& container : list(pod, "spec.initContainers"))
    others += ", " + text(container, "name") + " (init)";
  if (others.find(',') != std::string::npos)
    console.err << "Defaulted container \"" << printable(chosen) << "\" out of: " << others << '\n';
  return chosen;
}

Query log_query(const LogsOptions& options, const std::string& container) {
  Query query{{"container", container}};
  if (options.follow) query.emplace_back("follow", "true");
  if (options.previous) query.emplace_back("previous", "true");
  if (options.timestamps) query.emplace_back("timestamps", "true");
  if (options.tail >= 0) query.emplace_back("tailLines", std::to_string(options.tail));
  return query;
}

/// The log goes out as it is: what a program wrote is its user's to see, as with kubectl.
int print_log(ApiClient& client, const std::string& path, bool follow, const Console& console) {
  const auto print = [&](std::string_view data) {
    console.out << data;
    if (follow) console.out << std::flush;
    return console.out.good();
  };
  const Result<StreamEnd> end = client.stream(path, print);
  if (!end) return report(console, end.error());
  if (end->response.status > 299) return report(console, server_error(end->response));
  return end->broken ? report(console, *end->broken) : 0;
}

int logs(const LogsOptions& options, const Console& console) {
  std::string name = options.pod;
  if (name.find('/') != std::string::npos) {
    const Result<std::vector<std::string>> names = pod_names({name});
    if (!names) return report(console, names.error());
    name = names->front();
  }
  ApiClient client(options.socket);
  std::string container = options.container;
  if (container.empty()) {
    const Result<Json> pod = get_object(client, pod_path(options.namespace_, name));
    if (!pod) return report(console, pod.error());
    container = default_container(*pod, console);
  }
  const std::string path = log_path(options.namespace_, name, log_query(options, container));
  return print_log(client, path, options.follow, console);
}

}  // namespace

void add_logs(CLI::App& app, Context& context) {
  auto options = std::make_shared<LogsOptions>();
  CLI::App* verb = app.add_subcommand("logs", "Print what a container wrote");
  verb->add_option("POD", options->pod, "The pod's name")->required();
  verb->add_option("-c,--container", options->container, "Default: the pod's main container")
      ->type_name("NAME");
  verb->add_flag("-f,--follow", options->follow, "Go on printing what it writes");
  verb->add_flag("-p,--previous", options->previous, "Of the run before the last restart");
  verb->add_option("--tail", options->tail, "Only the last N lines; -1: all")
      ->capture_default_str()
      ->type_name("N");
  verb->add_flag("--timestamps", options->timestamps, "With the time of each line");
  add_namespace_option(*verb, *options);
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return logs(*options, context.console); };
  });
}

}  // namespace podvisor::cli
