// The verbs of the command line: one file each, named after its verb. Each adds its subcommand and,
// when that is chosen, sets Context::verb to what runs it.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cli/command_line.h"

namespace podvisor::cli {

inline constexpr const char* kDefaultSocket = "/run/podvisor/podvisor.sock";

struct Context {
  const Console& console;
  const DaemonEntry& daemon;
  std::function<int()> verb;
};

void add_run(CLI::App& app, Context& context);
void add_serve(CLI::App& app, Context& context);
void add_apply(CLI::App& app, Context& context);
void add_diff(CLI::App& app, Context& context);
void add_rollout(CLI::App& app, Context& context);
void add_get(CLI::App& app, Context& context);
void add_describe(CLI::App& app, Context& context);
void add_events(CLI::App& app, Context& context);
void add_logs(CLI::App& app, Context& context);
void add_exec(CLI::App& app, Context& context);
void add_delete(CLI::App& app, Context& context);
void add_stop(CLI::App& app, Context& context);
void add_wait(CLI::App& app, Context& context);
void add_validate(CLI::App& app, Context& context);
void add_image(CLI::App& app, Context& context);
void add_label(CLI::App& app, Context& context);
void add_scale(CLI::App& app, Context& context);
void add_set(CLI::App& app, Context& context);
void add_explain(CLI::App& app, Context& context);
void add_version(CLI::App& app, Context& context);

/// What every verb that asks a running podvisor takes.
struct ClientOptions {
  std::string socket = kDefaultSocket;
  std::string namespace_ = "default";
  bool all_namespaces = false;
};
void add_socket_option(CLI::App& verb, ClientOptions& options);
void add_namespace_option(CLI::App& verb, ClientOptions& options);
void add_all_namespaces_option(CLI::App& verb, ClientOptions& options);

/// Says what went wrong and returns 1.
int report(const Console& console, const Error& error);

/// The pods meant by `pods`, `pod web db` or `pod/web pod/db`: their names, none for all.
[[nodiscard]] Result<std::vector<std::string>> pod_names(const std::vector<std::string>& words);

}  // namespace podvisor::cli
