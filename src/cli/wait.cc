#include <strings.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <ostream>

#include "cli/api_path.h"
#include "cli/event_row.h"
#include "cli/follow_object.h"
#include "cli/resource.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct WaitOptions : ClientOptions {
  std::vector<std::string> words;
  std::string what;
  std::string timeout = "30s";
};

/// `--for=condition=Ready=False`, or `--for=delete` with an empty type.
struct Goal {
  std::string condition_type;
  std::string status = "True";
  [[nodiscard]] bool deletion() const { return condition_type.empty(); }
};

bool same_word(const std::string& a, const std::string& b) {
  return strcasecmp(a.c_str(), b.c_str()) == 0;  // as kubectl compares them
}

Result<Goal> parse_goal(const std::string& text) {
  static const std::string kCondition = "condition=";
  if (text == "delete") return Goal{};
  if (!text.starts_with(kCondition) || text.size() == kCondition.size())
    return make_error("error: unrecognized condition: \"" + printable(text) +
                      "\"; --for takes delete, condition=TYPE or condition=TYPE=STATUS");
  Goal goal{text.substr(kCondition.size())};
  const std::size_t equals = goal.condition_type.find('=');
  if (equals == std::string::npos) return goal;
  goal.status = goal.condition_type.substr(equals + 1);
  goal.condition_type.resize(equals);
  return goal;
}

const Json& condition_of(const Json& pod, const std::string& type) {
  for (const Json& condition : list(pod, "status.conditions"))
    if (same_word(raw_text(condition, "type"), type)) return condition;
  return field(pod, "status.conditions.none");
}

bool met(const Json& pod, const Goal& goal) {
  return same_word(raw_text(condition_of(pod, goal.condition_type), "status"), goal.status);
}

Result<std::optional<TimePoint>> deadline_after(const std::string& timeout) {
  const Result<Duration> span = parse_duration(timeout);
  if (!span) return make_error("error: " + span.error().message);
  if (*span < Duration{0}) return std::nullopt;  // kubectl waits for a week
  return std::chrono::steady_clock::now() + *span;
}

class Wait {
 public:
  Wait(const WaitOptions& options, const Resource& resource, Goal goal, const Console& console)
      : options_(options),
        resource_(resource),
        goal_(std::move(goal)),
        console_(console),
        client_(options.socket) {}

  int run(const std::string& name, std::optional<TimePoint> deadline) {
    const auto done = [&](const Json& object) { return !goal_.deletion() && met(object, goal_); };
    const Result<FollowEnd> end = follow_object(
        client_, {options_.namespace_, name, done, goal_.deletion(), resource_.plural}, deadline);
    if (!end) return report(console_, end.error());
    if (*end == FollowEnd::TimedOut) return explain_timeout(name);
    console_.out << full_name(resource_, name) << " condition met" << std::endl;
    return 0;
  }

 private:
  int explain_timeout(const std::string& name) {
    console_.err << "error: timed out waiting for the condition on " << resource_.plural << '/'
                 << printable(name) << '\n';
    const Result<Json> object =
        get_object(client_, object_path(options_.namespace_, resource_.plural, name));
    if (!object) return report(console_, object.error());
    explain_state(*object);
    explain_probes(*object);
    return 1;
  }

  void explain_state(const Json& pod) {
    const std::string subject = full_name(resource_, raw_text(pod, "metadata.name"));
    if (goal_.deletion()) {
      console_.err << subject << " is still there";
      if (has(pod, "status.phase")) console_.err << ", phase " << text(pod, "status.phase");
      console_.err << '\n';
      return;
    }
    const Json& condition = condition_of(pod, goal_.condition_type);
    console_.err << subject << ": " << printable(goal_.condition_type) << " is "
                 << text_or(condition, "status", "not among its conditions");
    for (const char* key : {"reason", "message"})
      if (const std::string value = text(condition, key); !value.empty())
        console_.err << ": " << value;
    console_.err << '\n';
  }

  /// What a failing probe last answered is what a person looks for next.
  void explain_probes(const Json& pod) {
    const Result<Json> found = get_object(
        client_,
        events_path(options_.namespace_,
                    {{"fieldSelector", "involvedObject.uid=" + raw_text(pod, "metadata.uid")}}));
    if (!found) return;  // the reason was already said
    std::vector<Json> unhealthy;
    for (const Json& event : list(*found, "items"))
      if (raw_text(event, "reason") == "Unhealthy" &&
          raw_text(event, "involvedObject.uid") == raw_text(pod, "metadata.uid"))
        unhealthy.push_back(event);
    if (unhealthy.empty()) return;
    sort_events(unhealthy);
    const Json& last = unhealthy.back();
    console_.err << "last Unhealthy event, " << event_interval(last, console_.now())
                 << " ago: " << text(last, "involvedObject.fieldPath") << ": "
                 << event_message(last) << '\n';
  }

  const WaitOptions& options_;
  const Resource& resource_;
  Goal goal_;
  const Console& console_;
  ApiClient client_;
};

int wait(const WaitOptions& options, const Console& console) {
  const Result<Selection> selection = select(options.words, {&kPods, &kDeployments});
  if (!selection) return report(console, selection.error());
  if (selection->names.empty()) return report(console, {"error: say which pod: pod/NAME"});
  const Result<Goal> goal = parse_goal(options.what);
  if (!goal) return report(console, goal.error());
  const Result<std::optional<TimePoint>> deadline = deadline_after(options.timeout);
  if (!deadline) return report(console, deadline.error());
  Wait verb(options, *selection->resource, *goal, console);
  int exit_code = 0;
  for (const std::string& name : selection->names) exit_code |= verb.run(name, *deadline);
  return exit_code;
}

}  // namespace

void add_wait(CLI::App& app, Context& context) {
  auto options = std::make_shared<WaitOptions>();
  CLI::App* verb = app.add_subcommand(
      "wait", "Wait until pods are Ready, Deployments Available, or either gone");
  verb->add_option("OBJECT", options->words, "pod NAME... or pod/NAME..., deployment/NAME...")
      ->required();
  verb->add_option("--for", options->what, "condition=TYPE[=STATUS] or delete")
      ->required()
      ->type_name("WHAT");
  verb->add_option("--timeout", options->timeout, "0: look once; negative: for ever")
      ->capture_default_str()
      ->type_name("TIME");
  add_namespace_option(*verb, *options);
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return wait(*options, context.console); };
  });
}

}  // namespace podvisor::cli
