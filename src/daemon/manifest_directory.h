// The objects of a directory of manifests: loads each file once and again when it changes, and
// keeps those of a file that does not parse any more as they were. Loop thread only.
#pragma once

#include <map>
#include <set>
#include <string>

#include "daemon/daemon.h"
#include "daemon/reconcile.h"
#include "loop/loop.h"

namespace podvisor {

class ManifestDirectory {
 public:
  ManifestDirectory(Daemon& daemon, std::string directory);

  /// Everything that is there. What the directory asked for when podvisor ended is known: a file
  /// that is gone since then takes its objects along, and one that does not parse keeps them.
  void load();
  /// Every pod was stopped: nothing of the directory stays, nor is it remembered.
  void withdraw();
  /// Files that were written or are gone; an empty name: anything. They are taken together, so that
  /// a pod finds the ConfigMap that was written with it.
  void on_changes(const std::set<std::string>& names);

 private:
  void remember(const std::vector<SourceRecord>& last);
  void write_ahead();
  void write_down();
  void write(const std::string& file, Documents documents);
  [[nodiscard]] Documents wanted_by(const std::string& file) const;
  void load_file(const std::string& name);
  void retry();
  void reconcile_all();
  void apply_pods(const Changes& changes);
  void apply_services(const ServiceChanges& changes);
  void apply_deployments(const DeploymentChanges& changes);
  void report(const std::string& file, const std::vector<Diagnostic>& diagnostics);

  Daemon& daemon_;
  std::string directory_;
  std::map<std::string, LoadResult> files_;  ///< each file's last good version
  std::set<std::string> touched_;            ///< files that may want something else than before
  std::map<std::string, Documents> written_;
  Applied applied_;
  AppliedConfigs applied_configs_;
  AppliedServices applied_services_;
  /// Files that nobody but the host refused: a path, a program, a port may be there later.
  std::set<std::string> refused_;
  Timer retry_timer_;
  AppliedDeployments applied_deployments_;
};

}  // namespace podvisor
