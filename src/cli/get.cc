#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/columns.h"
#include "cli/documents.h"
#include "cli/pod_row.h"
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
};

class Get {
 public:
  Get(const GetOptions& options, std::vector<std::string> names, const Console& console)
      : options_(options), names_(std::move(names)), console_(console), client_(options.socket) {}

  int run() {
    if (options_.all_namespaces && !names_.empty())
      return report(console_,
                    {"error: a resource cannot be retrieved by name across all namespaces"});
    if (options_.watch && names_.size() > 1)
      return report(console_, {"error: watch takes one pod's name or none"});
    const bool all_found = names_.empty() || options_.watch ? list_all() : list_named();
    if (!all_found && (options_.watch || names_.empty())) return 1;
    print_all();
    if (options_.watch) return follow();
    return all_found ? 0 : 1;
  }

 private:
  [[nodiscard]] std::string namespace_() const {
    return options_.all_namespaces ? "" : options_.namespace_;
  }

  [[nodiscard]] Query selection() const {
    Query query;
    if (!options_.selector.empty()) query.emplace_back("labelSelector", options_.selector);
    if (options_.watch && !names_.empty())
      query.emplace_back("fieldSelector", "metadata.name=" + names_.front());
    return query;
  }

  bool list_all() {
    const Result<Json> list_object = get_object(client_, pods_path(namespace_(), selection()));
    if (!list_object) return report(console_, list_object.error()) == 0;
    resource_version_ = raw_text(*list_object, "metadata.resourceVersion");
    for (const Json& pod : list(*list_object, "items")) pods_.push_back(pod);
    return !pods_.empty() || names_.empty() || list_named();
  }

  bool list_named() {
    bool all_found = true;
    for (const std::string& name : names_) {
      const Result<Json> pod = get_object(client_, pod_path(options_.namespace_, name));
      if (!pod) {
        all_found = report(console_, pod.error()) == 0;
        continue;
      }
      pods_.push_back(*pod);
    }
    return all_found;
  }

  [[nodiscard]] bool as_table() const {
    return options_.output.empty() || options_.output == "wide";
  }

  void print_all() {
    for (const Json& pod : pods_) seen_.is_new(pod);
    if (as_table()) return print_table();
    if (options_.output == "name" || options_.watch) {
      for (const Json& pod : pods_) print_one(pod);
      return;
    }
    if (names_.size() == 1 && pods_.size() == 1) return print_one(pods_.front());
    if (pods_.empty() && !names_.empty()) return;
    print_document(pod_list_document(pods_));
  }

  void print_table() {
    if (pods_.empty() && names_.empty() && !options_.watch) {
      console_.err << "No resources found"
                   << (options_.all_namespaces ? "" : " in " + options_.namespace_ + " namespace")
                   << ".\n";
      return;
    }
    for (const Json& pod : pods_) add_row(pod);
    console_.out << columns_.flush_keeping_widths() << std::flush;
  }

  void add_row(const Json& pod) {
    const PodColumns columns{options_.all_namespaces, options_.output == "wide"};
    if (!header_printed_ && !options_.no_headers) columns_.add(pod_header(columns));
    header_printed_ = true;
    columns_.add(pod_cells(pod, columns, console_.now()));
  }

  void print_document(const Json& document) {
    console_.out << (options_.output == "yaml" ? to_yaml_text(document) : to_json_text(document));
  }

  void print_one(const Json& pod) {
    if (as_table()) {
      add_row(pod);
      console_.out << columns_.flush_keeping_widths();
    } else if (options_.output == "name") {
      console_.out << "pod/" << text(pod, "metadata.name") << '\n';
    } else {
      if (options_.watch && options_.output == "yaml") console_.out << "---\n";
      print_document(pod_list_document({pod})["items"][0]);
    }
    console_.out << std::flush;
  }

  int follow() {
    Query query = selection();
    query.emplace_back("watch", "true");
    query.emplace_back("resourceVersion", resource_version_);
    const auto on_event = [&](const std::string&, const Json& pod) {
      const bool wanted = names_.empty() || raw_text(pod, "metadata.name") == names_.front();
      if (wanted && seen_.is_new(pod)) print_one(pod);
      return true;
    };
    const Result<WatchEnd> end = watch(client_, pods_path(namespace_(), query), on_event);
    if (!end) return report(console_, end.error());
    return end->broken ? report(console_, *end->broken) : 0;
  }

  const GetOptions& options_;
  std::vector<std::string> names_;
  const Console& console_;
  ApiClient client_;
  std::vector<Json> pods_;
  std::string resource_version_;
  Seen seen_;
  Columns columns_ = list_columns();
  bool header_printed_ = false;
};

int get(const GetOptions& options, const Console& console) {
  const Result<std::vector<std::string>> names = pod_names(options.words);
  if (!names) return report(console, names.error());
  return Get(options, *names, console).run();
}

}  // namespace

void add_get(CLI::App& app, Context& context) {
  auto options = std::make_shared<GetOptions>();
  CLI::App* verb = app.add_subcommand("get", "List pods, or print some of them");
  verb->add_option("POD", options->words, "pods [NAME...] or pod/NAME...")->required();
  verb->add_option("-o,--output", options->output, "wide, json, yaml or name")
      ->check(CLI::IsMember({"wide", "json", "yaml", "name"}))
      ->type_name("FORMAT");
  verb->add_option("-l,--selector", options->selector, "Only pods with these labels (a=b,c!=d)")
      ->type_name("LABELS");
  verb->add_flag("-w,--watch", options->watch, "Go on printing what changes");
  verb->add_flag("--no-headers", options->no_headers, "Leave out the line of column names");
  add_namespace_option(*verb, *options);
  add_all_namespaces_option(*verb, *options);
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return get(*options, context.console); };
  });
}

}  // namespace podvisor::cli
