#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/api_objects.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

struct StopOptions : ClientOptions {
  bool all = false;
  std::int64_t grace_period = -1;
  bool wait = true;
};

std::string counted(std::int64_t pods) {
  return std::to_string(pods) + (pods == 1 ? " pod" : " pods");
}

/// A watch of the pods ends with podvisor.
int wait_for_the_end(ApiClient& client, const Console& console) {
  const auto end = client.stream("/api/v1/pods?watch=true", [](std::string_view) { return true; });
  static_cast<void>(end);  // however it ended, and if podvisor was gone before: it has ended
  console.out << "podvisor has ended" << std::endl;
  return 0;
}

int stop_all(const StopOptions& options, const Console& console) {
  if (!options.all)
    return report(console, {"error: say --all to stop every pod and podvisor itself; to stop one "
                            "pod, 'podvisor delete pod NAME'"});
  ApiClient client(options.socket);
  const Json body = options.grace_period >= 0 ? Json{{"gracePeriodSeconds", options.grace_period}}
                                              : Json::object();
  const Result<Json> answer = client.post("/podvisor/v1/stop", body.dump()).and_then(object_in);
  if (!answer) return report(console, answer.error());
  console.out << "stopping " << counted(answer->value("stopping", std::int64_t{0})) << std::endl;
  return options.wait ? wait_for_the_end(client, console) : 0;
}

}  // namespace

void add_stop(CLI::App& app, Context& context) {
  auto options = std::make_shared<StopOptions>();
  CLI::App* verb = app.add_subcommand("stop", "Stop every pod in order, and podvisor itself");
  verb->add_flag("--all", options->all, "Yes, all of them");
  verb->add_option("--grace-period", options->grace_period,
                   "Seconds before a container is killed; -1: as its pod says")
      ->capture_default_str()
      ->type_name("SECONDS");
  verb->add_flag("--wait,!--no-wait", options->wait,
                 "Return when podvisor has ended (the default), or with --wait=false at once");
  add_socket_option(*verb, *options);
  verb->callback([options, &context] {
    context.verb = [options, &context] { return stop_all(*options, context.console); };
  });
}

}  // namespace podvisor::cli
