// Where containers get their images from: what is on the host already, or a pull by policy (IMG).
// Loop thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "podvisor/image.h"
#include "podvisor/pod.h"
#include "podvisor/time.h"

namespace podvisor {

struct ImageRequest {
  std::string image;  ///< as the manifest has it
  PullPolicy policy = PullPolicy::IfNotPresent;
  /// Contents of imagePullSecrets (kubernetes.io/dockerconfigjson), before the host's auth files.
  std::vector<std::string> auth_documents;
};

struct ImageFailure {
  std::string reason;   ///< IMG-1, IMG-3: ErrImagePull, ErrImageNeverPull, InvalidImageName, …
  std::string message;  ///< what kubelet's event would say
};

struct AcquiredImage {
  HeldImage held;
  bool pulled = false;       ///< false: it was present
  Duration pull_time{0};     ///< of the pull itself
  Duration waiting_time{0};  ///< with the time that it waited for its turn
};

/// A pull under way, for a person at a terminal.
struct PullProgress {
  std::string image;
  std::int64_t bytes = 0;        ///< that have arrived
  std::int64_t total_bytes = 0;  ///< 0: not known yet
  int layers = 0;
  int layers_done = 0;
  bool unpacking = false;
  Duration elapsed{0};
};

class Images {
 public:
  virtual ~Images() = default;
  using Done = std::function<void(tl::expected<AcquiredImage, ImageFailure>)>;
  /// `pulling` is called when a registry is about to be asked, then, always and later, `done`; none
  /// of them any more after cancel(). Requests for one image share one pull.
  virtual std::uint64_t acquire(ImageRequest request, std::function<void()> pulling, Done done) = 0;
  /// A pull that nobody waits for any more is ended. Unknown ids do nothing.
  virtual void cancel(std::uint64_t id) = 0;
  [[nodiscard]] virtual std::vector<PullProgress> progress() const = 0;
};

}  // namespace podvisor
