#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/details.h"
#include "cli/resource.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct DescribeOptions : ClientOptions {
  std::vector<std::string> words;
};

class Describe {
 public:
  Describe(const DescribeOptions& options, const Resource& resource, const Console& console)
      : options_(options), resource_(resource), console_(console), client_(options.socket) {}

  int all() {
    const Result<std::vector<Json>> objects = all_of(scope(), resource_);
    if (!objects) return report(console_, objects.error());
    if (objects->empty())
      console_.err << "No resources found in " << options_.namespace_ << " namespace.\n";
    int exit_code = 0;
    for (const Json& object : *objects) exit_code |= print(describe(object));
    return exit_code;
  }

  int named(const std::vector<std::string>& names) {
    int exit_code = 0;
    for (const std::string& name : names) {
      const Result<Json> object = get_object(client_, object_path(scope(), resource_.plural, name));
      exit_code |= print(object.and_then([&](const Json& found) { return describe(found); }));
    }
    return exit_code;
  }

 private:
  [[nodiscard]] std::string scope() const {
    return resource_.namespaced ? options_.namespace_ : "";
  }

  Result<std::vector<Json>> all_of(const std::string& namespace_, const Resource& resource) {
    const Result<Json> found = get_object(client_, list_path(namespace_, resource.plural));
    if (!found) return tl::unexpected(found.error());
    const Json& items = list(*found, "items");
    return std::vector<Json>(items.begin(), items.end());
  }

  Result<std::string> describe(const Json& object) {
    if (&resource_ == &kDeployments)
      return events_of(object).map(
          [&](const Json& events) { return describe_deployment(object, events, console_.now()); });
    if (&resource_ == &kConfigMaps) return describe_config_map(object);
    if (&resource_ == &kSecrets) return describe_secret(object);
    if (&resource_ == &kServices) {
      const std::string name = raw_text(object, "metadata.name");
      return get_object(client_, object_path(scope(), kEndpoints.plural, name))
          .map([&](const Json& endpoints) { return describe_service(object, endpoints); });
    }
    if (&resource_ == &kNodes) {
      return all_of("", kPods).map([&](const std::vector<Json>& pods) {
        return describe_node(object, pods, console_.now());
      });
    }
    return events_of(object).map(
        [&](const Json& events) { return describe_pod(object, events, console_.now()); });
  }

  /// The events of this very object, not of a former one of its name.
  Result<Json> events_of(const Json& pod) {
    const std::string name = raw_text(pod, "metadata.name");
    const std::string uid = raw_text(pod, "metadata.uid");
    const Query query{
        {"fieldSelector", "involvedObject.name=" + name + ",involvedObject.uid=" + uid}};
    const Result<Json> found =
        get_object(client_, events_path(raw_text(pod, "metadata.namespace"), query));
    if (!found) return tl::unexpected(found.error());
    Json events = Json::array();
    for (const Json& event : list(*found, "items"))
      if (raw_text(event, "involvedObject.uid") == uid) events.push_back(event);
    return events;
  }

  int print(const Result<std::string>& text) {
    if (any_printed_) console_.out << "\n\n";
    any_printed_ = true;
    if (!text) return report(console_, text.error());
    console_.out << *text;
    return 0;
  }

  const DescribeOptions& options_;
  const Resource& resource_;
  const Console& console_;
  ApiClient client_;
  bool any_printed_ = false;
};

int describe(const DescribeOptions& options, const Console& console) {
  const Result<Selection> selection =
      select(options.words, {&kPods, &kDeployments, &kServices, &kConfigMaps, &kSecrets, &kNodes});
  if (!selection) return report(console, selection.error());
  Describe verb(options, *selection->resource, console);
  return selection->names.empty() ? verb.all() : verb.named(selection->names);
}

}  // namespace

void add_describe(CLI::App& app, Context& context) {
  auto options = std::make_shared<DescribeOptions>();
  CLI::App* verb =
      app.add_subcommand("describe", "Show everything about an object, a pod with its events");
  verb->add_option("OBJECT", options->words, "pod NAME... or pod/NAME..., and so on")->required();
  add_namespace_option(*verb, *options);
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return describe(*options, context.console); };
  });
}

}  // namespace podvisor::cli
