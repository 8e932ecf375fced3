// emptyDir's sizeLimit, measured every now and then (VOL-3). Loop thread; measuring itself is done
// on another.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "podvisor/pod.h"
#include "runtime/runtime_context.h"

namespace podvisor {

/// Of the Evicted event; the limit as Kubernetes would write it ("1Gi", "500M"). Pure.
[[nodiscard]] std::string eviction_message(const std::string& volume, std::int64_t limit);

class EmptyDirLimits {
 public:
  explicit EmptyDirLimits(const RuntimeContext& context);
  ~EmptyDirLimits();
  EmptyDirLimits(const EmptyDirLimits&) = delete;
  EmptyDirLimits& operator=(const EmptyDirLimits&) = delete;

  /// From now on the pod is told (pod_event::Evicted, once) when one of its volumes is too big.
  void watch(const Pod& pod);
  void forget(const PodUid& pod);

 private:
  struct Limited {
    PodUid pod;
    std::string volume;
    std::string path;
    std::int64_t limit = 0;
    std::int64_t used = 0;  ///< as measured last
    bool complete = true;
  };
  using Round = std::vector<Limited>;

  void measure();
  static void measure_one(Limited& volume, const std::atomic<bool>& stop);
  void judge(const Round& round);
  void wait();

  const RuntimeContext& context_;
  std::map<PodUid, Round> watched_;
  Timer timer_;
  bool measuring_ = false;
  std::shared_ptr<std::atomic<bool>> stop_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< expired: nobody is here to judge
};

}  // namespace podvisor
