// What comes before a container with an image can be made: the image, a runtime for it, a fresh
// layer over its files, and who it runs as.
//
//   Acquiring ──► Finding the runtime ──► Mounting ──► done
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "podvisor/fd.h"
#include "podvisor/image.h"
#include "podvisor/pod_state.h"
#include "podvisor/ports/images.h"
#include "runtime/oci/image_user.h"
#include "runtime/oci/image_volumes.h"
#include "runtime/runtime_context.h"
#include "runtime/start_failure.h"

namespace podvisor {

struct ReadyImage {
  HeldImage held;
  ImageUser user;
  Fd root;  ///< a detached mount: the image's files, and what is written over them
  std::vector<ImageVolume> volumes;  ///< VOLUME, where the manifest has nothing else
  std::string layer;    ///< the directory of what is written; whoever has this removes it
  std::string runtime;  ///< an OCI runtime that works here
};

/// Destroying it gives the start up, and `done` is not called any more. Posts ImagePulling and
/// ImagePulled itself. Loop thread only.
class ImageStart {
 public:
  using Done = std::function<void(StartResult<ReadyImage>)>;
  ImageStart(const RuntimeContext& context, const Pod& pod, ContainerRef ref, Done done);
  ~ImageStart();
  ImageStart(const ImageStart&) = delete;
  ImageStart& operator=(const ImageStart&) = delete;

  /// `done` comes later, once; it may destroy this.
  void begin();
  [[nodiscard]] const Pod& pod() const { return pod_; }
  [[nodiscard]] ContainerRef ref() const { return ref_; }

 private:
  void on_image(tl::expected<AcquiredImage, ImageFailure> acquired);
  void on_runtime(const Result<std::string>& runtime);
  void mount();
  void finish(StartResult<ReadyImage> result);
  [[nodiscard]] const Container& container() const { return pod_.spec.containers[ref_.container]; }
  [[nodiscard]] std::vector<std::string> pull_secrets() const;

  const RuntimeContext& context_;
  Pod pod_;
  ContainerRef ref_;
  Done done_;
  std::uint64_t acquisition_ = 0;  ///< 0: none under way
  ReadyImage ready_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< expired: nobody waits any more
};

/// EVT-2. Pure.
[[nodiscard]] std::string pulled_message(const std::string& image, const AcquiredImage& acquired);

/// Where what a run of a container writes goes.
[[nodiscard]] std::string layer_directory(const Layout& layout, const PodUid& pod,
                                          const std::string& container, int instance);
/// Where the volumes of an image are kept for all runs of a container.
[[nodiscard]] std::string image_volume_directory(const Layout& layout, const PodUid& pod,
                                                 const std::string& container, const Image& image);

}  // namespace podvisor
