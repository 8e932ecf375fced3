#include "runtime/image_start.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "runtime/directories.h"
#include "runtime/oci/oci_runtime.h"
#include "runtime/oci/overlay.h"

namespace podvisor {
namespace {

/// As Go prints it, in milliseconds: "345ms", "1.2s", "1m2.5s".
std::string span_text(Duration span) {
  const auto total = std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
  if (total < 1000) return std::to_string(total) + "ms";
  std::string text = total < 60'000 ? "" : std::to_string(total / 60'000) + "m";
  char seconds[16];
  std::snprintf(seconds, sizeof seconds, "%.3f", static_cast<double>(total % 60'000) / 1000);
  text += seconds;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + "s";
}

StartFailure failure(const char* reason, const Error& error) { return {reason, error.message}; }

/// What is done beside the loop.
struct Mounting {
  std::string rootfs, layer, image_user;
  std::vector<std::string> volume_paths, mounted_paths;
  std::string volume_directory;
  std::optional<std::uint32_t> run_as_user;
  Result<ImageUser> user = ImageUser{};
  Result<Fd> root = Fd();
  Result<std::vector<ImageVolume>> volumes;

  void operator()() {
    user =
        run_as_user ? find_image_user(rootfs, *run_as_user) : find_image_user(rootfs, image_user);
    if (user) root = mount_overlay(rootfs, layer);
    if (user && root)
      volumes = make_image_volumes(volume_paths, mounted_paths, rootfs, volume_directory);
    if (!root || !volumes) remove_private_directory(layer);
  }
};

}  // namespace

ImageStart::ImageStart(const RuntimeContext& context, const Pod& pod, ContainerRef ref, Done done)
    : context_(context), pod_(pod), ref_(ref), done_(std::move(done)) {}

ImageStart::~ImageStart() {
  if (acquisition_ != 0) context_.images->cancel(acquisition_);
}

void ImageStart::begin() {
  ImageRequest request{container().image, container().image_pull_policy, pull_secrets()};
  acquisition_ = context_.images->acquire(
      std::move(request),
      [this] { context_.events.post(pod_.metadata.uid, pod_event::ImagePulling{ref_}); },
      [this](tl::expected<AcquiredImage, ImageFailure> acquired) {
        acquisition_ = 0;
        on_image(std::move(acquired));
      });
}

/// One that is not there is no error: the registry may not ask for it.
std::vector<std::string> ImageStart::pull_secrets() const {
  std::vector<std::string> documents;
  for (const std::string& name : pod_.spec.image_pull_secrets) {
    const ConfigObject* secret =
        context_.configs.find_config(ConfigKind::Secret, pod_.metadata.namespace_, name);
    if (secret == nullptr) continue;
    const auto document = secret->data.find(".dockerconfigjson");
    if (document != secret->data.end()) documents.push_back(document->second);
  }
  return documents;
}

void ImageStart::on_image(tl::expected<AcquiredImage, ImageFailure> acquired) {
  if (!acquired)
    return finish(tl::unexpected(StartFailure{acquired.error().reason, acquired.error().message}));
  // Whoever hears of it may give this start up.
  const std::weak_ptr<int> alive(alive_);
  const std::string told = pulled_message(container().image, *acquired);
  ready_.held = std::move(acquired->held);
  const Image& image = ready_.held.image;
  context_.events.post(pod_.metadata.uid,
                       pod_event::ImagePulled{ref_, told, image.name, image_id(image)});
  if (alive.expired()) return;
  context_.oci->find([this, alive](const Result<std::string>& runtime) {
    if (!alive.expired()) on_runtime(runtime);
  });
}

void ImageStart::on_runtime(const Result<std::string>& runtime) {
  if (!runtime) return finish(tl::unexpected(failure("RunContainerError", runtime.error())));
  ready_.runtime = *runtime;
  mount();
}

void ImageStart::mount() {
  ready_.layer =
      layer_directory(context_.settings.layout, pod_.metadata.uid, container().name, ref_.instance);
  const Image& image = ready_.held.image;
  auto mounting = std::make_shared<Mounting>();
  mounting->rootfs = image.rootfs;
  mounting->layer = ready_.layer;
  mounting->image_user = image.config.user;
  mounting->volume_paths = image.config.volumes;
  for (const VolumeMount& each : container().volume_mounts)
    mounting->mounted_paths.push_back(each.mount_path);
  mounting->volume_directory =
      image_volume_directory(context_.settings.layout, pod_.metadata.uid, container().name, image);
  mounting->run_as_user = container().security_context.run_as_user;
  Loop& loop = context_.loop;
  run_blocking(
      loop, [mounting] { (*mounting)(); },
      [this, mounting, &loop, alive = std::weak_ptr<int>(alive_)] {
        if (alive.expired()) {
          mounting->root = Fd();
          mounting->volumes = {};
          return run_blocking(
              loop, [layer = mounting->layer] { remove_private_directory(layer); }, [] {});
        }
        if (!mounting->user)
          return finish(tl::unexpected(failure("CreateContainerError", mounting->user.error())));
        if (!mounting->root)
          return finish(tl::unexpected(failure("CreateContainerError", mounting->root.error())));
        if (!mounting->volumes)
          return finish(tl::unexpected(failure("CreateContainerError", mounting->volumes.error())));
        ready_.volumes = std::move(*mounting->volumes);
        ready_.user = std::move(*mounting->user);
        ready_.root = std::move(*mounting->root);
        finish(std::move(ready_));
      });
}

void ImageStart::finish(StartResult<ReadyImage> result) {
  const Done done = std::move(done_);
  done(std::move(result));
}

std::string pulled_message(const std::string& image, const AcquiredImage& acquired) {
  if (!acquired.pulled)
    return "Container image \"" + image +
           "\" already present on machine and can be accessed by the pod";
  return "Successfully pulled image \"" + image + "\" in " + span_text(acquired.pull_time) + " (" +
         span_text(acquired.waiting_time) +
         " including waiting). Image size: " + std::to_string(acquired.held.image.size) + " bytes.";
}

std::string layer_directory(const Layout& layout, const PodUid& pod, const std::string& container,
                            int instance) {
  return layout.pod_state_dir(pod) + "/layers/" + container + "-" + std::to_string(instance);
}

/// Another image under the same name begins with its own content.
std::string image_volume_directory(const Layout& layout, const PodUid& pod,
                                   const std::string& container, const Image& image) {
  std::string digest = image.digest;
  std::ranges::replace(digest, '/', '_');
  return layout.pod_state_dir(pod) + "/image-volumes/" + container + "/" + digest;
}

}  // namespace podvisor
