// `podvisor rollout`: one word says what to do about it, as kubectl's.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/columns.h"
#include "cli/follow_rollout.h"
#include "cli/resource.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct RolloutOptions : ClientOptions {
  std::vector<std::string> words;
  std::string timeout = "0s";
  bool watch = true;
  int revision = 0;
};

/// One that a verb is about.
struct Subject {
  const Resource& resource;
  std::string name;
  std::string path;  ///< of its rollout
  [[nodiscard]] std::string full() const { return full_name(resource, name); }
};

using ForOne =
    std::function<int(ApiClient&, const RolloutOptions&, const Subject&, const Console&)>;

int for_each(const RolloutOptions& options, const Console& console, const ForOne& do_one) {
  const Result<Selection> selection = select(options.words, {&kPods, &kDeployments});
  if (!selection) return report(console, selection.error());
  if (selection->names.empty())
    return report(console, {"error: say which: pod/NAME or deployment/NAME"});
  ApiClient client(options.socket);
  const Resource& resource = *selection->resource;
  int exit_code = 0;
  for (const std::string& name : selection->names) {
    const std::string path = rollout_path(options.namespace_, resource.plural, name);
    exit_code |= do_one(client, options, {resource, name, path}, console);
  }
  return exit_code;
}

int show_status(ApiClient& client, const RolloutOptions& options, const Subject& subject,
                const Console& console) {
  const Result<Duration> timeout = parse_duration(options.timeout);
  if (!timeout) return report(console, {"error: " + timeout.error().message});
  if (options.watch)
    return follow_rollout(client, options.namespace_, subject.resource, subject.name,
                          *timeout > Duration{0} ? std::optional(*timeout) : std::nullopt, console);
  const Result<Json> rollout = get_object(client, subject.path);
  if (!rollout) return report(console, rollout.error());
  console.out << subject.full() << ": " << text(*rollout, "status.message") << '\n';
  return 0;
}

int show_history(ApiClient& client, const RolloutOptions&, const Subject& subject,
                 const Console& console) {
  const Result<Json> rollout = get_object(client, subject.path);
  if (!rollout) return report(console, rollout.error());
  console.out << subject.full() << '\n';
  Columns columns = list_columns();
  columns.add({"REVISION", "AGE", "CHANGE-CAUSE"});
  for (const Json& revision : list(*rollout, "history"))
    columns.add({text(revision, "revision"),
                 age(raw_text(revision, "creationTimestamp"), console.now()),
                 text_or(revision, "changeCause", "<none>")});
  console.out << columns.flush();
  return 0;
}

/// Has it done, and says so in kubectl's word.
ForOne order(const char* action, const char* done) {
  return [action, done](ApiClient& client, const RolloutOptions& options, const Subject& subject,
                        const Console& console) {
    Json body{{"action", action}};
    if (options.revision > 0) body["toRevision"] = options.revision;
    const Result<Json> answer = client.post(subject.path, body.dump()).and_then(object_in);
    if (!answer) return report(console, answer.error());
    console.out << subject.full() << ' ' << done << std::endl;
    return 0;
  };
}

CLI::App* add_word(CLI::App& verb, Context& context, const std::shared_ptr<RolloutOptions>& options,
                   const char* word, const char* what, ForOne do_one) {
  CLI::App* sub = verb.add_subcommand(word, what);
  sub->add_option("OBJECT", options->words, "pod NAME... or pod/NAME..., deployment/NAME...")
      ->required();
  add_namespace_option(*sub, *options);
  add_socket_option(*sub, *options);
  sub->callback([options, &context, do_one = std::move(do_one)] {
    context.verb = [options, &context, do_one] {
      return for_each(*options, context.console, do_one);
    };
  });
  return sub;
}

}  // namespace

void add_rollout(CLI::App& app, Context& context) {
  const auto options = std::make_shared<RolloutOptions>();
  CLI::App* verb = app.add_subcommand(
      "rollout", "Look at and steer how pods are replaced, or those of a Deployment");
  verb->require_subcommand(1);
  CLI::App* status = add_word(*verb, context, options, "status",
                              "Show how far it is, until it has ended", &show_status);
  status->add_option("--timeout", options->timeout, "How long to wait; 0: for ever")
      ->capture_default_str()
      ->type_name("TIME");
  status->add_flag("-w,--watch,!--no-watch", options->watch,
                   "Until it has ended (the default), or with --watch=false once");
  add_word(*verb, context, options, "history", "List the revisions that are remembered",
           &show_history);
  CLI::App* undo = add_word(*verb, context, options, "undo",
                            "Go back to the revision before, or out of a rollout under way",
                            order("undo", "rolled back"));
  undo->add_option("--to-revision", options->revision, "0: the one before")
      ->capture_default_str()
      ->type_name("N");
  add_word(*verb, context, options, "restart", "Replace pods by new ones of the same revision",
           order("restart", "restarted"));
  add_word(*verb, context, options, "pause", "Hold up a rollout, and those to come",
           order("pause", "paused"));
  add_word(*verb, context, options, "resume", "Go on with what was paused",
           order("resume", "resumed"));
}

}  // namespace podvisor::cli
