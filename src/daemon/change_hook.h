// Tells a program of this host where traffic goes: `--on-change PROGRAM`, for balancers that
// podvisor's door is not. It runs whenever a pod begins or ceases to get traffic, with what is so
// now as JSON on its standard input, and what waits for it goes on once it has ended with 0. One
// run at a time; one that failed is tried again. Loop thread only.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loop/child_process.h"
#include "loop/loop.h"
#include "podvisor/object_store.h"
#include "podvisor/ports/event_sink.h"

namespace podvisor {

class ChangeHook {
 public:
  using Done = std::function<void()>;
  /// Everything that is borrowed must outlive it.
  ChangeHook(Loop& loop, ObjectStore& store, EventSink& events, std::string program);
  ~ChangeHook();
  ChangeHook(const ChangeHook&) = delete;
  ChangeHook& operator=(const ChangeHook&) = delete;

  /// The pod is about to get traffic, or to be stopped: `done` comes when the program has been told
  /// so, at once if it has been. Not at all when it is the other way round meanwhile.
  void tell(const Pod& pod, bool ready, Done done);

 private:
  struct Told {
    std::shared_ptr<const Pod> pod;
    std::string ip;
    bool wanted = false;
    bool promised = false;     ///< ready, before the store says so
    bool gone = false;         ///< the pod is forgotten; so is this, once it was told
    std::optional<bool> last;  ///< what the program succeeded with
    std::vector<Done> waiting;
  };

  void observe(ChangeType type, const PodObject& object);
  static void want(Told& told, bool ready);
  void settle(const PodUid& uid);
  void enqueue(const PodUid& uid);
  void run_next();
  void on_end(const PodUid& uid, bool ready, const ChildEnd& end);
  void failed(const PodUid& uid, const std::string& why);

  Loop& loop_;
  ObjectStore& store_;
  EventSink& events_;
  std::string program_;
  std::map<PodUid, Told> told_;
  std::deque<PodUid> queue_;
  std::unique_ptr<ChildProcess> child_;
  bool running_ = false;
  Timer next_timer_;   ///< after a run that failed, and out of a run's own callback
  Timer limit_timer_;  ///< of the run
  std::uint64_t watch_ = 0;
};

}  // namespace podvisor
