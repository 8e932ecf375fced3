#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/columns.h"
#include "cli/event_row.h"
#include "cli/seen.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct EventsOptions : ClientOptions {
  std::string pod;  ///< "pod/NAME", or empty for all
  std::vector<std::string> types;
  bool watch = false;
  bool no_headers = false;
};

class Events {
 public:
  Events(const EventsOptions& options, std::string pod, const Console& console)
      : options_(options), pod_(std::move(pod)), console_(console), client_(options.socket) {}

  int run() {
    const Result<Json> found = get_object(client_, events_path(namespace_(), selection()));
    if (!found) return report(console_, found.error());
    print_list(*found);
    return options_.watch ? follow(raw_text(*found, "metadata.resourceVersion")) : 0;
  }

 private:
  [[nodiscard]] std::string namespace_() const {
    return options_.all_namespaces ? "" : options_.namespace_;
  }

  [[nodiscard]] Query selection() const {
    if (pod_.empty()) return {};
    return {{"fieldSelector", "involvedObject.kind=Pod,involvedObject.name=" + pod_}};
  }

  [[nodiscard]] bool wanted(const Json& event) const {
    const std::vector<std::string>& types = options_.types;
    const bool type_fits = types.empty() || std::find(types.begin(), types.end(),
                                                      raw_text(event, "type")) != types.end();
    return type_fits && (pod_.empty() || raw_text(event, "involvedObject.name") == pod_);
  }

  void print_list(const Json& found) {
    std::vector<Json> events;
    for (const Json& event : list(found, "items"))
      if (wanted(event) && seen_.is_new(event)) events.push_back(event);
    if (events.empty() && !options_.watch) {
      console_.err << "No events found"
                   << (options_.all_namespaces ? "" : " in " + options_.namespace_ + " namespace")
                   << ".\n";
      return;
    }
    sort_events(events);
    for (const Json& event : events) add_row(event);
    console_.out << columns_.flush_keeping_widths() << std::flush;
  }

  void add_row(const Json& event) {
    if (!header_printed_ && !options_.no_headers)
      columns_.add(event_header(options_.all_namespaces));
    header_printed_ = true;
    columns_.add(event_cells(event, options_.all_namespaces, console_.now()));
  }

  int follow(const std::string& resource_version) {
    Query query = selection();
    query.emplace_back("watch", "true");
    query.emplace_back("resourceVersion", resource_version);
    const auto on_event = [&](const std::string& type, const Json& event) {
      if (type == "DELETED" || !wanted(event) || !seen_.is_new(event)) return true;
      add_row(event);
      console_.out << columns_.flush_keeping_widths() << std::flush;
      return true;
    };
    const Result<WatchEnd> end = watch(client_, events_path(namespace_(), query), on_event);
    if (!end) return report(console_, end.error());
    return end->broken ? report(console_, *end->broken) : 0;
  }

  const EventsOptions& options_;
  std::string pod_;
  const Console& console_;
  ApiClient client_;
  Seen seen_;
  Columns columns_ = list_columns();
  bool header_printed_ = false;
};

int events(const EventsOptions& options, const Console& console) {
  std::string pod;
  if (!options.pod.empty()) {
    const Result<std::vector<std::string>> names = pod_names({options.pod});
    if (!names) return report(console, names.error());
    if (names->empty()) return report(console, {"error: --for takes pod/NAME"});
    pod = names->front();
  }
  return Events(options, pod, console).run();
}

}  // namespace

void add_events(CLI::App& app, Context& context) {
  auto options = std::make_shared<EventsOptions>();
  CLI::App* verb = app.add_subcommand("events", "List what happened, oldest first");
  verb->add_flag("-w,--watch", options->watch, "Go on printing what happens");
  verb->add_option("--for", options->pod, "Only those about pod/NAME")->type_name("POD");
  verb->add_option("--types", options->types, "Only Normal or Warning ones")
      ->delimiter(',')
      ->check(CLI::IsMember({"Normal", "Warning"}))
      ->type_name("TYPE");
  verb->add_flag("--no-headers", options->no_headers, "Leave out the line of column names");
  add_namespace_option(*verb, *options);
  add_all_namespaces_option(*verb, *options);
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return events(*options, context.console); };
  });
}

}  // namespace podvisor::cli
