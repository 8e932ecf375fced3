#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <thread>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/log_lines.h"
#include "cli/log_source.h"
#include "cli/resource.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

constexpr std::int64_t kSelectorTail = 10;

struct LogsOptions : ClientOptions {
  std::vector<std::string> words;  ///< POD [CONTAINER]
  std::string selector;
  LogChoice choice;
  bool follow = false;
  bool previous = false;
  bool timestamps = false;
  bool prefix = false;
  bool ignore_errors = false;
  std::optional<std::int64_t> tail;
  std::int64_t limit_bytes = 0;  ///< 0: no limit
  std::string since;
  std::string since_time;
  std::size_t max_requests = 5;
};

/// kubectl's checks, in its words.
Status check(LogsOptions& options) {
  if (options.words.empty() && options.selector.empty())
    return make_error(
        "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\n"
        "POD or TYPE/NAME is a required argument for the logs command");
  if (!options.words.empty() && !options.selector.empty())
    return make_error("only a selector (-l) or a POD name is allowed");
  if (options.words.size() > 1) {
    if (!options.choice.container.empty())
      return make_error("only one of -c or an inline [CONTAINER] arg is allowed");
    options.choice.container = options.words[1];
  }
  if (!options.since.empty() && !options.since_time.empty())
    return make_error("at most one of `sinceTime` or `sinceSeconds` may be specified");
  if (options.choice.all_containers && !options.choice.container.empty())
    return make_error("--all-containers=true should not be specified with container name " +
                      printable(options.choice.container));
  if (options.limit_bytes < 0) return make_error("--limit-bytes must be greater than 0");
  if (options.tail.value_or(-1) < -1)
    return make_error("--tail must be greater than or equal to -1");
  return {};
}

/// `--since`, to the nearest second as kubectl does it.
Result<std::string> since_seconds(const std::string& since) {
  const Result<Duration> span = parse_duration(since);
  if (!span) return tl::unexpected(span.error());
  if (*span < Duration::zero()) return make_error("--since must be greater than 0");
  return std::to_string(std::chrono::round<std::chrono::seconds>(*span).count());
}

/// What of each log; the container comes with the log.
Result<Query> log_query(const LogsOptions& options) {
  Query query;
  if (options.follow) query.emplace_back("follow", "true");
  if (options.previous) query.emplace_back("previous", "true");
  if (options.timestamps) query.emplace_back("timestamps", "true");
  const std::int64_t tail = options.tail.value_or(options.selector.empty() ? -1 : kSelectorTail);
  if (tail >= 0) query.emplace_back("tailLines", std::to_string(tail));
  if (options.limit_bytes > 0)
    query.emplace_back("limitBytes", std::to_string(options.limit_bytes));
  if (!options.since.empty()) {
    auto seconds = since_seconds(options.since);
    if (!seconds) return tl::unexpected(seconds.error());
    query.emplace_back("sinceSeconds", *seconds);
  }
  if (!options.since_time.empty()) query.emplace_back("sinceTime", options.since_time);
  return query;
}

class Logs {
 public:
  Logs(const LogsOptions& options, Query query, const Console& console)
      : options_(options),
        query_(std::move(query)),
        console_(console),
        output_(console.out, options.follow) {}

  int run() {
    const auto sources = find_sources();
    if (!sources) return report(console_, sources.error());
    if (!options_.follow || sources->size() < 2) return print_in_turn(*sources);
    if (sources->size() <= options_.max_requests) return print_at_once(*sources);
    return report(console_, {"you are attempting to follow " + std::to_string(sources->size()) +
                                 " log streams, but maximum allowed concurrency is " +
                                 std::to_string(options_.max_requests) +
                                 ", use --max-log-requests to increase the limit",
                             0});
  }

 private:
  [[nodiscard]] Result<std::vector<LogSource>> find_sources() const {
    ApiClient client(options_.socket);
    if (!options_.selector.empty()) return selected(client);
    std::string name = options_.words.front();
    if (name.find('/') != std::string::npos) {
      const auto selection = select({name}, {&kPods, &kDeployments});
      if (!selection) return tl::unexpected(selection.error());
      name = selection->names.front();
      if (selection->resource == &kDeployments) {
        const Result<std::string> chosen = pod_of(client, name);
        if (!chosen) return tl::unexpected(chosen.error());
        name = *chosen;
      }
    }
    if (!options_.choice.container.empty())
      return std::vector<LogSource>{{name, options_.choice.container}};
    const Result<Json> pod = get_object(client, pod_path(options_.namespace_, name));
    if (!pod) return tl::unexpected(pod.error());
    return chosen_of({*pod});
  }

  /// One of the Deployment's pods, as kubectl takes one: Ready before not.
  [[nodiscard]] Result<std::string> pod_of(ApiClient& client, const std::string& deployment) const {
    const Result<Json> found =
        get_object(client, object_path(options_.namespace_, kDeployments.plural, deployment));
    if (!found) return tl::unexpected(found.error());
    const Result<Json> pods = get_object(client, pods_path(options_.namespace_));
    if (!pods) return tl::unexpected(pods.error());
    std::vector<std::string> ready;
    std::vector<std::string> others;
    for (const Json& pod : list(*pods, "items")) {
      if (!is_of(pod, deployment)) continue;
      const Json& condition = find_named(pod, "status.conditions", "Ready", "type");
      (raw_text(condition, "status") == "True" ? ready : others)
          .push_back(raw_text(pod, "metadata.name"));
    }
    ready.insert(ready.end(), others.begin(), others.end());
    if (ready.empty())
      return make_error("error: deployment \"" + printable(deployment) + "\" has no pods");
    if (ready.size() > 1)
      console_.err << "Found " << ready.size() << " pods, using pod/" << printable(ready.front())
                   << '\n';
    return ready.front();
  }

  [[nodiscard]] static bool is_of(const Json& pod, const std::string& deployment) {
    for (const Json& owner : list(pod, "metadata.ownerReferences"))
      if (raw_text(owner, "kind") == "Deployment" && raw_text(owner, "name") == deployment)
        return true;
    return false;
  }

  [[nodiscard]] Result<std::vector<LogSource>> selected(ApiClient& client) const {
    const Query selection{{"labelSelector", options_.selector}};
    const Result<Json> pods = get_object(client, pods_path(options_.namespace_, selection));
    if (!pods) return tl::unexpected(pods.error());
    const Json& items = list(*pods, "items");
    if (items.empty())
      console_.err << "No resources found in " << options_.namespace_ << " namespace.\n";
    return chosen_of({items.begin(), items.end()});
  }

  [[nodiscard]] std::vector<LogSource> chosen_of(const std::vector<Json>& pods) const {
    std::vector<LogSource> all;
    for (const Json& pod : pods) {
      LogSources chosen = choose_logs(pod, options_.choice);
      console_.err << chosen.note;
      all.insert(all.end(), chosen.sources.begin(), chosen.sources.end());
    }
    return all;
  }

  int print_in_turn(const std::vector<LogSource>& sources) {
    for (const LogSource& source : sources)
      if (const auto error = print(source, false); error && !tolerate(*error))
        return report(console_, *error);
    return 0;
  }

  /// The first error ends it, and with this process whatever else is under way.
  int print_at_once(const std::vector<LogSource>& sources) {
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::optional<Error> first;
    threads.reserve(sources.size());
    for (const LogSource& source : sources) {
      threads.emplace_back([&, source] {
        const auto error = print(source, true);
        if (!error || tolerate(*error)) return;
        const std::lock_guard lock(mutex);
        if (!first) first = error;
        ended_ = true;
      });
    }
    for (std::thread& thread : threads) thread.join();
    return first ? report(console_, *first) : 0;
  }

  bool tolerate(const Error& error) {
    return options_.ignore_errors && output_.write("error: " + printable(error.message) + "\n");
  }

  /// One log until its end. With `whole_lines` others write meanwhile.
  std::optional<Error> print(const LogSource& source, bool whole_lines) {
    ApiClient client(options_.socket);
    Query query{{"container", source.container}};
    query.insert(query.end(), query_.begin(), query_.end());
    LogLines lines(output_, options_.prefix ? "[pod/" + printable(source.pod) + "/" +
                                                  printable(source.container) + "] "
                                            : "");
    const bool as_it_comes = !whole_lines && !options_.prefix;
    const auto take = [&](std::string_view data) {
      return !ended_ && (as_it_comes ? output_.write(data) : lines.feed(data));
    };
    const Result<StreamEnd> end =
        client.stream(log_path(options_.namespace_, source.pod, query), take);
    lines.finish();
    if (!end) return end.error();
    if (end->response.status > 299) return server_error(end->response);
    return end->broken;
  }

  const LogsOptions& options_;
  const Query query_;
  const Console& console_;
  LogOutput output_;
  std::atomic<bool> ended_ = false;  ///< by somebody's error
};

int logs(LogsOptions& options, const Console& console) {
  const auto refuse = [&](const Error& error) {
    return report(console, {"error: " + error.message, error.error_number});
  };
  if (const Status checked = check(options); !checked) return refuse(checked.error());
  auto query = log_query(options);
  if (!query) return refuse(query.error());
  return Logs(options, std::move(*query), console).run();
}

void add_what(CLI::App& verb, LogsOptions& options) {
  verb.add_flag("-p,--previous", options.previous, "Of the run before the last restart");
  verb.add_option("--tail", options.tail, "Only the last N lines; -1: all. With -l: 10")
      ->type_name("N");
  verb.add_option("--since", options.since, "Only what is newer than 5s, 2m or 3h")
      ->type_name("TIME");
  verb.add_option("--since-time", options.since_time, "Only what is newer than an RFC 3339 time")
      ->type_name("DATE");
  verb.add_option("--limit-bytes", options.limit_bytes, "At most N bytes of each log")
      ->type_name("N");
}

void add_how(CLI::App& verb, LogsOptions& options) {
  verb.add_flag("-f,--follow", options.follow, "Go on printing what it writes");
  verb.add_flag("--timestamps", options.timestamps, "With the time of each line");
  verb.add_flag("--prefix", options.prefix, "With the pod and the container before each line");
  verb.add_option("--max-log-requests", options.max_requests, "With -f: logs at a time, at most")
      ->capture_default_str()
      ->type_name("N");
  verb.add_flag("--ignore-errors", options.ignore_errors, "Say what goes wrong, and go on");
}

}  // namespace

void add_logs(CLI::App& app, Context& context) {
  auto options = std::make_shared<LogsOptions>();
  CLI::App* verb = app.add_subcommand("logs", "Print what containers wrote");
  verb->add_option("POD", options->words,
                   "The pod's name or deployment/NAME, and after it the container's")
      ->expected(0, 2);
  verb->add_option("-c,--container", options->choice.container, "Default: the pod's main container")
      ->type_name("NAME");
  verb->add_option("-l,--selector", options->selector, "Of all pods with these labels (a=b,c!=d)")
      ->type_name("LABELS");
  verb->add_flag("--all-containers", options->choice.all_containers, "Of all the pod's containers");
  add_how(*verb, *options);
  add_what(*verb, *options);
  add_namespace_option(*verb, *options);
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return logs(*options, context.console); };
  });
}

}  // namespace podvisor::cli
