#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/columns.h"
#include "cli/documents.h"
#include "cli/resource.h"
#include "cli/seen.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct GetOptions : ClientOptions {
  std::vector<std::string> words;
  std::string output;
  std::string selector;
  bool watch = false;
  bool no_headers = false;
  bool show_labels = false;
};

void say_nothing_found(const GetOptions& options, const Console& console) {
  console.err << "No resources found"
              << (options.all_namespaces ? "" : " in " + options.namespace_ + " namespace")
              << ".\n";
}

void print_document(const Json& document, const GetOptions& options, const Console& console) {
  console.out << (options.output == "yaml" ? to_yaml_text(document) : to_json_text(document));
}

bool is_table(const GetOptions& options) {
  return options.output.empty() || options.output == "wide";
}

class Get {
 public:
  Get(const GetOptions& options, Selection selection, const Console& console)
      : options_(options),
        resource_(*selection.resource),
        names_(std::move(selection.names)),
        console_(console),
        client_(options.socket) {}

  int run() {
    if (options_.watch && names_.size() > 1)
      return report(console_, {"error: watch takes one name or none"});
    if (options_.watch && &resource_ == &kEndpoints)
      return report(console_, {"error: endpoints cannot be watched; watch pods instead"});
    if (options_.watch && !resource_.namespaced)
      return report(console_, {"error: nodes cannot be watched: there is one, and it stays"});
    const bool all_found = load();
    if (!all_found && (options_.watch || names_.empty())) return 1;
    print_all();
    if (options_.watch) return follow();
    return all_found ? 0 : 1;
  }

  /// False when there was an error, which has been said; what was found is there.
  bool load() { return names_.empty() || options_.watch ? list_all() : list_named(); }
  [[nodiscard]] const std::vector<Json>& objects() const { return objects_; }

  /// A table among those of other kinds, whose names say of which kind they are.
  void print_among_others() {
    for (Json object : objects_) {
      object["metadata"]["name"] = full_name(resource_, raw_text(object, "metadata.name"));
      add_row(object);
    }
    console_.out << columns_.flush_keeping_widths() << std::flush;
  }

 private:
  [[nodiscard]] std::string namespace_() const {
    return options_.all_namespaces || !resource_.namespaced ? "" : options_.namespace_;
  }

  [[nodiscard]] std::string path(const Query& query) const {
    return list_path(namespace_(), resource_.plural, query);
  }

  [[nodiscard]] Query selection() const {
    Query query;
    if (!options_.selector.empty()) query.emplace_back("labelSelector", options_.selector);
    if (options_.watch && !names_.empty())
      query.emplace_back("fieldSelector", "metadata.name=" + names_.front());
    return query;
  }

  bool list_all() {
    const Result<Json> list_object = get_object(client_, path(selection()));
    if (!list_object) return report(console_, list_object.error()) == 0;
    resource_version_ = raw_text(*list_object, "metadata.resourceVersion");
    for (const Json& object : list(*list_object, "items")) objects_.push_back(object);
    return !objects_.empty() || names_.empty() || list_named();
  }

  bool list_named() {
    bool all_found = true;
    for (const std::string& name : names_) {
      const std::string scope = resource_.namespaced ? options_.namespace_ : "";
      const Result<Json> object = get_object(client_, object_path(scope, resource_.plural, name));
      if (!object) {
        all_found = report(console_, object.error()) == 0;
        continue;
      }
      objects_.push_back(*object);
    }
    return all_found;
  }

  void print_all() {
    for (const Json& object : objects_) seen_.is_new(object);
    if (is_table(options_)) return print_table();
    if (options_.output == "name" || options_.watch) {
      for (const Json& object : objects_) print_one(object);
      return;
    }
    if (names_.size() == 1 && objects_.size() == 1) return print_one(objects_.front());
    if (objects_.empty() && !names_.empty()) return;
    print_document(list_document(objects_), options_, console_);
  }

  void print_table() {
    if (objects_.empty() && names_.empty() && !options_.watch)
      return say_nothing_found(options_, console_);
    for (const Json& object : objects_) add_row(object);
    console_.out << columns_.flush_keeping_widths() << std::flush;
  }

  void add_row(const Json& object) {
    const RowColumns columns{options_.all_namespaces, options_.output == "wide",
                             options_.show_labels};
    if (!header_printed_ && !options_.no_headers) columns_.add(resource_.header(columns));
    header_printed_ = true;
    columns_.add(resource_.cells(object, columns, console_.now()));
  }

  void print_one(const Json& object) {
    if (is_table(options_)) {
      add_row(object);
      console_.out << columns_.flush_keeping_widths();
    } else if (options_.output == "name") {
      console_.out << full_name(resource_, raw_text(object, "metadata.name")) << '\n';
    } else {
      if (options_.watch && options_.output == "yaml") console_.out << "---\n";
      print_document(list_document({object})["items"][0], options_, console_);
    }
    console_.out << std::flush;
  }

  int follow() {
    Query query = selection();
    query.emplace_back("watch", "true");
    query.emplace_back("resourceVersion", resource_version_);
    const auto on_event = [&](const std::string&, const Json& object) {
      const bool wanted = names_.empty() || raw_text(object, "metadata.name") == names_.front();
      if (wanted && seen_.is_new(object)) print_one(object);
      return true;
    };
    const Result<WatchEnd> end = watch(client_, path(query), on_event);
    if (!end) return report(console_, end.error());
    return end->broken ? report(console_, *end->broken) : 0;
  }

  const GetOptions& options_;
  const Resource& resource_;
  std::vector<std::string> names_;
  const Console& console_;
  ApiClient client_;
  std::vector<Json> objects_;
  std::string resource_version_;
  Seen seen_;
  Columns columns_ = list_columns();
  bool header_printed_ = false;
};

/// A table for each kind, or one list of all.
int get_several(const GetOptions& options, std::vector<Selection> selections,
                const Console& console) {
  std::vector<Json> all;
  bool all_found = true;
  for (Selection& selection : selections) {
    const Resource& kind = *selection.resource;
    Get one(options, std::move(selection), console);
    all_found = one.load() && all_found;
    if (is_table(options) && !all.empty() && !one.objects().empty()) console.out << '\n';
    if (is_table(options)) one.print_among_others();
    for (const Json& object : one.objects()) {
      if (options.output == "name")
        console.out << full_name(kind, raw_text(object, "metadata.name")) << '\n';
      all.push_back(object);
    }
  }
  if (all.empty() && all_found && is_table(options)) say_nothing_found(options, console);
  if (!is_table(options) && options.output != "name")
    print_document(list_document(all), options, console);
  return all_found ? 0 : 1;
}

int get(const GetOptions& options, const Console& console) {
  Result<std::vector<Selection>> selections = select_each(
      options.words,
      {&kPods, &kDeployments, &kServices, &kEndpoints, &kConfigMaps, &kSecrets, &kNodes});
  if (!selections) return report(console, selections.error());
  if (options.all_namespaces && !selections->front().names.empty())
    return report(console, {"error: a resource cannot be retrieved by name across all namespaces"});
  if (selections->size() == 1) return Get(options, std::move(selections->front()), console).run();
  if (options.watch) return report(console, {"error: you may only specify a single resource type"});
  return get_several(options, std::move(*selections), console);
}

}  // namespace

void add_get(CLI::App& app, Context& context) {
  auto options = std::make_shared<GetOptions>();
  CLI::App* verb = app.add_subcommand(
      "get",
      "List pods, deployments, services, endpoints, configmaps, secrets or nodes, or print some");
  verb->add_option("OBJECT", options->words,
                   "pods [NAME...] or pod/NAME..., or several kinds, as in configmaps,secrets")
      ->required();
  verb->add_option("-o,--output", options->output, "wide, json, yaml or name")
      ->check(CLI::IsMember({"wide", "json", "yaml", "name"}))
      ->type_name("FORMAT");
  verb->add_option("-l,--selector", options->selector, "Only those with these labels (a=b,c!=d)")
      ->type_name("LABELS");
  verb->add_flag("-w,--watch", options->watch, "Go on printing what changes");
  verb->add_flag("--show-labels", options->show_labels, "A column with the labels");
  verb->add_flag("--no-headers", options->no_headers, "Leave out the line of column names");
  add_namespace_option(*verb, *options);
  add_all_namespaces_option(*verb, *options);
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return get(*options, context.console); };
  });
}

}  // namespace podvisor::cli
