// `podvisor serve`: a service that follows a directory of manifests.
#include <csignal>
#include <iostream>

#include "daemon/daemon.h"
#include "daemon/manifest_directory.h"
#include "daemon/manifest_watch.h"
#include "daemon/options.h"
#include "log/logger.h"

namespace podvisor {
namespace {

/// Until a signal has come and every pod has been stopped.
void serve_until_signalled(Daemon& daemon) {
  int signals = 0;
  Supervisor& supervisor = daemon.supervisor();
  const auto stop = [&] {
    log_info("stopping every pod");
    supervisor.stop_all(++signals == 1 ? std::nullopt : std::optional(Seconds{1}));
    if (supervisor.empty()) daemon.loop().stop();
  };
  const SignalWatch interrupt(daemon.loop(), SIGINT, stop);
  const SignalWatch terminate(daemon.loop(), SIGTERM, stop);
  supervisor.on_settled([&] {
    if (signals > 0 && supervisor.empty()) daemon.loop().stop();
  });
  daemon.loop().run();
  supervisor.on_settled({});
}

int fail(const Error& error) {
  std::cerr << "podvisor: " << error.message << '\n';
  return 1;
}

}  // namespace

int serve(const DaemonOptions& options) {
  const std::string& directory = options.manifests.front();
  auto daemon = Daemon::open(options);
  if (!daemon) return fail(daemon.error());
  ManifestDirectory manifests(**daemon, directory);
  // Watched before it is read, so that no change falls between the two.
  auto watch = ManifestWatch::open((*daemon)->loop(), directory,
                                   [&](const auto& names) { manifests.on_changes(names); });
  if (!watch) return fail(watch.error());
  manifests.load();
  log_info("serving", {{"manifests", directory}});
  serve_until_signalled(**daemon);
  return 0;
}

}  // namespace podvisor
