// What podvisor writes down, so that the next podvisor goes on where this one ended, however it
// ended. Every call returns when it is written (or has failed, which is logged and changes nothing
// else): no kill can cost it. Loop thread only.
//
// What is wanted (pods, objects, revisions) survives a power loss, too, a moment after the call.
// What runs does not have to: its containers are gone then. What a pod came to when it ended does.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "podvisor/pod_state.h"
#include "podvisor/rollout.h"

namespace podvisor {

/// What is known of a pod beside its state.
struct PodRecord {
  WallTime created;
  std::optional<WallTime> deleted;
  Seconds deletion_grace{0};
  bool beside = false;  ///< without its name's traffic (ObjectStore::beside)
  /// Said, and perhaps not done. Everything else that was said follows from the state.
  std::vector<pod_action::SignalContainer> signals;
};

struct RevisionRecord {
  int number = 0;
  std::string document;  ///< Pod::document
  WallTime since;
  std::string cause;  ///< annotation kubernetes.io/change-cause of what it was made of
};

/// A pod's name, and the latest rollout that it has gone through or is going through.
struct RolloutRecord {
  std::string namespace_;
  std::string name;
  std::vector<RevisionRecord> revisions;  ///< by number
  int last_revision = 0;                  ///< of all that there have been
  bool paused = false;
  std::optional<std::string> wanted;  ///< Pod::document: applied while paused
  std::map<PodUid, int> revision_of;  ///< of pods that are there
  RolloutSpec spec;
  RolloutState state;
  PodUid old_pod;  ///< empty: there was none
  PodUid new_pod;
  int revision = 0;          ///< that new_pod is of
  bool restart_due = false;  ///< what it is made of has changed, or is about to
};

/// An object that is its document: a ConfigMap, a Secret, a Service, a Deployment.
struct ObjectRecord {
  PodUid uid;
  WallTime created;
  std::string document;                   ///< as it was accepted, without uid and status
  std::vector<std::uint16_t> node_ports;  ///< of a Service's ports, in their order: as chosen
  std::vector<RevisionRecord> revisions;  ///< of a Deployment, by number
  int last_revision = 0;                  ///< of all that there have been
};

/// What a file of manifests asked for last.
struct SourceRecord {
  std::string directory;
  std::string file;                    ///< its name there
  std::vector<std::string> documents;  ///< each object's
  friend bool operator==(const SourceRecord&, const SourceRecord&) = default;
};

class Journal {
 public:
  virtual ~Journal() = default;
  /// Writes nothing where nothing has changed since the last time.
  virtual void write_pod(const Pod& pod, const PodRecord& facts, const PodState& state) = 0;
  /// The pod is gone; its files go with its directory (Runtime::forget_pod).
  virtual void forget_pod(const PodUid& pod) = 0;
  virtual void write_rollout(const RolloutRecord& record) = 0;
  virtual void forget_rollout(const std::string& namespace_, const std::string& name) = 0;
  virtual void write_object(const ObjectRecord& record) = 0;
  virtual void forget_object(const PodUid& uid) = 0;
  virtual void write_source(const SourceRecord& record) = 0;
  virtual void forget_source(const std::string& file) = 0;
};

}  // namespace podvisor
