// Every Deployment: looks at its pods as they are, lets core's step() say what to do about them
// (deployment_plan.h), and does it. Loop thread only.
//
//     a pod of it changes, apply(), undo(), …, timer ─► due ─► look ─► step() ─► pods, status
//
// What it shares with Rollouts: a Deployment makes and deletes pods by their names, each of one
// revision for all its life; each such name is a pod like any other, so that Rollouts keeps it
// alive: a Surge restart (DIF-2.4) replaces it by another pod of the same name, which a Deployment
// does not notice. The way in is the same as well: a pod gets traffic when a request through the
// door has been answered (TrafficCheck); and the way out, as it is the pod's own machinery that
// drains before it stops.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/revisions.h"
#include "daemon/rollout_watchers.h"
#include "loop/loop.h"
#include "manifest/manifest.h"
#include "podvisor/deployment_plan.h"
#include "podvisor/object_store.h"
#include "podvisor/ports/deployment_control.h"
#include "podvisor/ports/journal.h"
#include "podvisor/ports/traffic_check.h"

namespace podvisor {

class Deployments final : public DeploymentControl {
 public:
  struct Edge {
    std::function<LoadResult(const std::string& document)> load;
    std::function<void(const LoadedPod&)> make;
    std::function<void(const Pod&)> remove;
    std::function<bool()> is_stopping;  ///< nothing is made any more
  };
  /// Everything that is borrowed must outlive it.
  Deployments(Loop& loop, ObjectStore& store, Edge edge);
  ~Deployments() override;
  Deployments(const Deployments&) = delete;
  Deployments& operator=(const Deployments&) = delete;
  /// Unless this is called nothing is checked. It must outlive this.
  void check_with(TrafficCheck& check) { check_ = &check; }

  /// Every change is written there before it is acted upon. It must outlive this.
  void write_to(Journal& journal);
  /// What an earlier podvisor wrote down. Its pods are in the store already.
  void restore(const Deployment& deployment, const ObjectRecord& kept,
               const Revisions::LoadDocument& load);

  /// Makes it what is wanted, in place of the one of its name.
  void apply(const Deployment& deployment);
  /// What apply() would make of it; the document says whether that is something else.
  [[nodiscard]] Deployment accepted(const Deployment& deployment) const;

  [[nodiscard]] Status remove(const std::string& namespace_, const std::string& name) override;
  /// Everything is stopped: none is to make its pods anew when podvisor is started again.
  void remove_all();
  [[nodiscard]] std::optional<RolloutView> view(const std::string& namespace_,
                                                const std::string& name) const override;
  [[nodiscard]] Status undo(const std::string& namespace_, const std::string& name,
                            int to_revision) override;
  [[nodiscard]] Status restart(const std::string& namespace_, const std::string& name) override;
  [[nodiscard]] Status pause(const std::string& namespace_, const std::string& name) override;
  [[nodiscard]] Status resume(const std::string& namespace_, const std::string& name) override;
  std::uint64_t watch(Watcher watcher) override { return watchers_.add(std::move(watcher)); }
  void unwatch(std::uint64_t id) override { watchers_.remove(id); }

 private:
  using Name = std::pair<std::string, std::string>;  ///< namespace, name
  struct Record {
    std::string revision;  ///< that is wanted: pods' label pod-template-hash
    Revisions revisions;   ///< of the template, each as a pod of the Deployment's name
    DeploymentState state;
    std::unique_ptr<Timer> timer;
    /// Of what the journal has; the same is not written twice.
    struct Written {
      std::string document;
      int last_revision = 0;
      std::size_t revisions = 0;
      friend bool operator==(const Written&, const Written&) = default;
    };
    Written written;
  };
  /// What is known of a pod while it is there.
  struct Replica {
    std::optional<TimePoint> ready_since;  ///< and open to traffic
    bool in_check = false;
    std::unique_ptr<Timer> check_again;
  };

  void on_pod(ChangeType type, const PodObject& object);
  void on_config(ChangeType type, const ConfigEntry& entry);
  void due(const Name& name);
  void run_due();
  void run(const Name& name, Record& record);
  [[nodiscard]] std::vector<ReplicaView> look(const Name& name) const;
  void let_in(const Name& name);
  void checked(const Pod& pod, const std::string& error);
  void carry_out(const DeploymentEntry& entry, const Record& record, const DeploymentStep& step);
  [[nodiscard]] bool make(const DeploymentEntry& entry, const std::string& revision);
  void tell_event(const DeploymentEntry& entry, const char* reason, std::string message,
                  bool warning = false);
  void refresh(const DeploymentEntry& entry, Record& record);
  void turn_to_latest(const DeploymentEntry& entry, Record& record);
  [[nodiscard]] Deployment reloaded(Deployment deployment, const std::string& document) const;
  void begin(const Name& name, Record& record);
  void write_down(const DeploymentEntry& entry, Record& record);
  [[nodiscard]] std::string template_of(const Name& name, const std::string& revision) const;
  [[nodiscard]] Status change(const Name& name, const std::string& document);
  [[nodiscard]] std::vector<const PodObject*> pods_of(const Name& name) const;

  Loop& loop_;
  ObjectStore& store_;
  Edge edge_;
  TrafficCheck* check_ = nullptr;
  Journal* journal_ = nullptr;
  std::map<Name, Record> records_;
  std::map<PodUid, Replica> replicas_;  ///< of all
  std::set<Name> due_;
  Timer due_timer_;
  RolloutWatchers watchers_;
  std::vector<std::uint64_t> store_watches_;
};

/// Whose pod it is; nothing: nobody's, or of something that podvisor knows nothing of.
[[nodiscard]] std::optional<std::pair<std::string, std::string>> deployment_of(const Pod& pod);
/// Its label pod-template-hash, or "".
[[nodiscard]] std::string revision_of(const Pod& pod);

}  // namespace podvisor
