#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/details.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct DescribeOptions : ClientOptions {
  std::vector<std::string> words;
};

/// The events of this very pod, not of a former one of its name.
Result<Json> events_of(ApiClient& client, const Json& pod) {
  const std::string name = raw_text(pod, "metadata.name");
  const std::string uid = raw_text(pod, "metadata.uid");
  const Query query{
      {"fieldSelector", "involvedObject.name=" + name + ",involvedObject.uid=" + uid}};
  const Result<Json> found =
      get_object(client, events_path(raw_text(pod, "metadata.namespace"), query));
  if (!found) return tl::unexpected(found.error());
  Json events = Json::array();
  for (const Json& event : list(*found, "items"))
    if (raw_text(event, "involvedObject.uid") == uid) events.push_back(event);
  return events;
}

Result<std::vector<Json>> all_pods(ApiClient& client, const std::string& namespace_) {
  const Result<Json> pods = get_object(client, pods_path(namespace_));
  if (!pods) return tl::unexpected(pods.error());
  const Json& items = list(*pods, "items");
  return std::vector<Json>(items.begin(), items.end());
}

int describe_one(ApiClient& client, const Json& pod, const Console& console) {
  const Result<Json> events = events_of(client, pod);
  if (!events) return report(console, events.error());
  console.out << describe_pod(pod, *events, console.now());
  return 0;
}

int describe_all(ApiClient& client, const std::string& namespace_, const Console& console) {
  const Result<std::vector<Json>> pods = all_pods(client, namespace_);
  if (!pods) return report(console, pods.error());
  if (pods->empty()) console.err << "No resources found in " << namespace_ << " namespace.\n";
  int exit_code = 0;
  for (std::size_t i = 0; i < pods->size(); ++i) {
    if (i > 0) console.out << "\n\n";
    exit_code |= describe_one(client, (*pods)[i], console);
  }
  return exit_code;
}

int describe(const DescribeOptions& options, const Console& console) {
  const Result<std::vector<std::string>> names = pod_names(options.words);
  if (!names) return report(console, names.error());
  ApiClient client(options.socket);
  if (names->empty()) return describe_all(client, options.namespace_, console);
  int exit_code = 0;
  for (std::size_t i = 0; i < names->size(); ++i) {
    const Result<Json> pod = get_object(client, pod_path(options.namespace_, (*names)[i]));
    if (i > 0) console.out << "\n\n";
    exit_code |= pod ? describe_one(client, *pod, console) : report(console, pod.error());
  }
  return exit_code;
}

}  // namespace

void add_describe(CLI::App& app, Context& context) {
  auto options = std::make_shared<DescribeOptions>();
  CLI::App* verb = app.add_subcommand("describe", "Show everything about a pod, with its events");
  verb->add_option("POD", options->words, "pod NAME... or pod/NAME...")->required();
  add_namespace_option(*verb, *options);
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return describe(*options, context.console); };
  });
}

}  // namespace podvisor::cli
