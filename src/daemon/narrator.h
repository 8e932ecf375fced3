// Tells the person in front of `podvisor run` what happens, as it happens: events, and the moment
// each pod becomes Ready or stops being so.
#pragma once

#include <functional>
#include <map>
#include <ostream>
#include <string>

#include "podvisor/object_store.h"
#include "podvisor/time.h"

namespace podvisor {

class Narrator {
 public:
  /// Writes to `out` from construction to destruction; both references must outlive it.
  /// `before_line` clears what else may be on a terminal's line.
  Narrator(ObjectStore& store, const Clock& clock, std::ostream& out, std::string before_line = {});
  ~Narrator();
  Narrator(const Narrator&) = delete;
  Narrator& operator=(const Narrator&) = delete;

 private:
  void on_pod(ChangeType type, const PodObject& object);
  void on_event(const EventObject& event);
  void line(const std::string& who, const std::string& what);

  ObjectStore& store_;
  const Clock& clock_;
  std::ostream& out_;
  std::string before_line_;
  TimePoint begin_;
  std::map<PodUid, bool> ready_;
  std::uint64_t pods_watch_;
  std::uint64_t events_watch_;
};

/// Where a person can open the pod: "10.88.0.2 (http://10.88.0.2:8080)", from its container ports.
[[nodiscard]] std::string places_to_open(const PodObject& object);

}  // namespace podvisor
