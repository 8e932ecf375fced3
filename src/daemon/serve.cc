// `podvisor serve`: a service that follows a directory of manifests.
#include <csignal>
#include <iostream>

#include "daemon/daemon.h"
#include "daemon/init.h"
#include "daemon/manifest_directory.h"
#include "daemon/manifest_watch.h"
#include "daemon/options.h"
#include "daemon/passed_sockets.h"
#include "daemon/service_notify.h"
#include "daemon/upgrade.h"
#include "log/logger.h"

namespace podvisor {
namespace {

/// Once more, to be held for it.
void is_for_the_next(int signal) { static_cast<void>(::raise(signal)); }

/// Until SIGTERM, which leaves the pods to the next podvisor; or SIGUSR2, which wants that one here
/// and now; or SIGINT or `podvisor stop --all`, and every pod has been stopped. Whether another
/// podvisor is to take this one's place.
bool serve_until_told(Daemon& daemon, ManifestDirectory& manifests) {
  bool again = false;
  bool leaving = false;
  int interrupts = 0;
  Supervisor& supervisor = daemon.supervisor();
  Loop& loop = daemon.loop();
  // Not at once: whoever asked for it by the API gets his answer first.
  Timer end(loop, [&] {
    manifests.withdraw();
    daemon.deployments().remove_all();
    loop.stop();
  });
  const SignalWatch interrupt(loop, SIGINT, [&] {
    if (again) return is_for_the_next(SIGINT);
    log_info("stopping every pod");
    supervisor.stop_all(++interrupts == 1 ? std::nullopt : std::optional(Seconds{1}));
  });
  const SignalWatch terminate(loop, SIGTERM, [&] {
    if (again) return is_for_the_next(SIGTERM);
    if (!supervisor.empty()) log_info("the pods run on; 'podvisor serve' finds them again");
    leaving = true;
    loop.stop();
  });
  const SignalWatch upgrade(loop, SIGUSR2, [&] {
    if (leaving) return;  // who was told both ends, in whatever order the kernel says it
    log_info("starting anew, as the program that is there now");
    again = true;
    loop.stop();
  });
  supervisor.on_settled([&] {
    if (supervisor.is_stopping() && supervisor.empty()) end.start(Duration{0});
  });
  hear_held_signals();
  loop.run();
  if (again) {
    hold_signals();  // from here on nobody hears them
    loop.turn();     // and those that came while the loop was stopping
  }
  supervisor.on_settled({});
  return again;
}

int fail(const Error& error) {
  std::cerr << "podvisor: " << error.message << '\n';
  return 1;
}

}  // namespace

int serve(const DaemonOptions& options) {
  // With the first process of a PID namespace everything in it ends: pods cannot be left running.
  const Init init = stand_behind_init(SIGINT);
  if (init.exit_code) return *init.exit_code;
  const std::string& directory = options.manifests.front();
  const OwnCommand own = own_command();
  PassedSockets passed = take_passed_sockets();
  bool again = false;
  reap_children();
  {
    auto daemon = Daemon::open(options, std::move(passed.sockets));
    if (!daemon) return fail(daemon.error());
    ManifestDirectory manifests(**daemon, directory);
    // Watched before it is read, so that no change falls between the two.
    auto watch = ManifestWatch::open((*daemon)->loop(), directory,
                                     [&](const auto& names) { manifests.on_changes(names); });
    if (!watch) return fail(watch.error());
    manifests.load();
    log_info("serving", {{"manifests", directory}});
    ServiceNotify notify((*daemon)->loop(), (*daemon)->store());
    notify.keep([&] { return (*daemon)->door_sockets(); }, passed.names);
    notify.ready();
    again = serve_until_told(**daemon, manifests);
    notify.leave(again);
  }
  return again ? fail(replace_by(own)) : 0;
}

}  // namespace podvisor
