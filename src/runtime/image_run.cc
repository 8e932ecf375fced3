#include "runtime/image_run.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/wait.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "runtime/directories.h"
#include "runtime/oci/oci_runtime.h"
#include "runtime/preflight/preflight.h"
#include "runtime/security/capabilities.h"
#include "runtime/security/pod_namespaces.h"
#include "runtime/shared_memory.h"
#include "runtime/volumes/sub_path.h"

namespace podvisor {
namespace {

std::vector<std::string> capability_names(CapabilityMask mask) {
  std::vector<std::string> names;
  for (int capability = 0; capability <= CAP_LAST_CAP; ++capability)
    if ((mask & capability_bit(capability)) != 0)
      names.push_back("CAP_" + capability_name(capability));
  return names;
}

/// VOL-13.
const char* propagation_at(const Container& container, const std::string& target) {
  for (const VolumeMount& mount : container.volume_mounts) {
    if (mount.mount_path != target) continue;
    if (mount.mount_propagation == MountPropagation::Bidirectional) return "rshared";
    if (mount.mount_propagation == MountPropagation::HostToContainer) return "rslave";
  }
  return "rprivate";
}

Fd open_namespace(pid_t pid, const char* name) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/" + name;
  return Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

bool has_own_pids(const PodSpec& spec) { return !spec.share_process_namespace && !spec.host_pid; }

}  // namespace

void ImageLeavings::remove_directories() const {
  remove_private_directory(bundle);
  remove_private_directory(layer);
}

ImageRun::ImageRun(const RuntimeContext& context, const PodUid& pod, const std::string& name,
                   int instance, ReadyImage image)
    : context_(context),
      container_(name),
      id_(pod + "-" + name + "-" + std::to_string(instance)),
      directory_(context.settings.layout.pod_runtime_dir(pod) + "/bundles/" + name + "-" +
                 std::to_string(instance)),
      image_(std::move(image)) {}

std::shared_ptr<ImageRun> ImageRun::adopt(const RuntimeContext& context, const Pod& pod,
                                          const ContainerRecord& record) {
  ReadyImage image;
  image.layer = record.image->layer;
  image.runtime = record.image->runtime;
  image.held.image.config.stop_signal = record.image->stop_signal;
  auto run = std::make_shared<ImageRun>(context, pod.metadata.uid, record.name, record.ref.instance,
                                        std::move(image));
  run->bundle_ = Bundle::existing(run->directory_, run->id_);
  run->own_pids_ = has_own_pids(pod.spec);
  run->runtime_ran_ = true;
  return run;
}

ContainerRecord::OfImage ImageRun::record() const {
  return {image_.runtime, image_.layer, image_.held.image.config.stop_signal};
}

int ImageRun::lock() const { return image_.held.lock ? image_.held.lock->get() : -1; }

pid_t ImageRun::left_pid() const { return bundle_->read_pid().value_or(0); }

void ImageRun::add_to(PodFacts& facts) const {
  facts.image = &image_.held.image.config;
  facts.image_user = &image_.user;
}

/// NET-1. The runtime itself is in the pod's other namespaces, and so is what it starts.
std::vector<OciNamespace> ImageRun::namespaces(const PodSpec& spec, pid_t pause) {
  std::vector<OciNamespace> list{{"mount", ""}};
  if (pod_namespaces(spec).pid)
    list.push_back({"pid", "/proc/" + std::to_string(pause) + "/ns/pid_for_children"});
  own_pids_ = has_own_pids(spec);
  if (own_pids_) list.push_back({"pid", ""});
  return list;
}

Result<std::vector<Bundle::Volume>> ImageRun::volumes(const Pod& pod, const Container& container,
                                                      const ProcessSpec& process,
                                                      const std::vector<FileMount>& files) {
  const auto wanted = with_sub_paths(container.volume_mounts, process.env);
  if (!wanted) return tl::unexpected(wanted.error());
  auto mounts = detached_mounts(pod, *wanted, context_.settings.layout, files);
  if (!mounts) return tl::unexpected(mounts.error());
  std::vector<Bundle::Volume> volumes;
  for (ImageVolume& volume : image_.volumes)
    volumes.push_back({std::move(volume.tree), OciMount{.target = volume.target}});
  for (Mount& mount : *mounts) {
    OciMount place;
    place.target = mount.target;
    place.propagation = propagation_at(container, mount.target);
    volumes.push_back({std::move(mount.tree), std::move(place)});
  }
  return volumes;
}

Status ImageRun::make_bundle(const Pod& pod, ContainerIndex index, const ProcessSpec& process,
                             const Confinement& confinement, const std::vector<FileMount>& files,
                             pid_t pause, const std::string& cgroup) {
  const Container& container = pod.spec.containers[index];
  const SecurityContext& security = container.security_context;
  auto shown = volumes(pod, container, process, files);
  if (!shown) return tl::unexpected(shown.error());
  OciContainer oci;
  oci.process = process;
  // Lowering it is allowed to few: going without is better than not starting.
  if ((context_.security.capabilities & capability_bit(CAP_SYS_RESOURCE)) == 0)
    oci.process.oom_score_adj = std::max(oci.process.oom_score_adj, 0);
  oci.capabilities = capability_names(confinement.capabilities.value_or(0));
  oci.no_new_privileges = confinement.no_new_privileges;
  oci.seccomp = confinement.seccomp_profile;
  oci.app_armor = confinement.app_armor;
  oci.read_only_root = security.read_only_root_filesystem;
  oci.privileged = security.privileged;
  if (security.privileged) oci.devices = host_devices();
  oci.terminal = container.tty;
  oci.own_network = pod.spec.network != NetworkMode::Host;
  oci.namespaces = namespaces(pod.spec, pause);
  if (pod_namespaces(pod.spec).ipc)
    oci.shared_memory =
        shared_memory_path(context_.settings.layout.pod_runtime_dir(pod.metadata.uid));
  oci.cgroups_path = cgroup;
  if (container.tty)
    if (Status opened = open_console(); !opened) return opened;
  auto bundle =
      Bundle::make(directory_, id_, std::move(image_.root), std::move(*shown), std::move(oci));
  if (!bundle) return tl::unexpected(bundle.error());
  bundle_ = std::move(*bundle);
  mounts_ = bundle_->take_mounts();
  return {};
}

/// A socket's path is short: not below the bundle.
Status ImageRun::open_console() {
  auto console = ConsoleSocket::listen(context_.oci->next_console_path());
  if (!console) return tl::unexpected(console.error());
  console_.emplace(std::move(*console));
  return {};
}

Result<Fd> ImageRun::take_terminal() {
  if (!console_) return Fd();
  auto master = console_->take();
  console_.reset();
  return master;
}

void ImageRun::fill(SpawnRequest& request) const {
  request.argv = bundle_->run_command(image_.runtime, context_.oci->state_root(),
                                      console_ ? console_->path() : std::string());
  request.env = {runtime_environment()};
  request.working_directory = "/";
  request.foster = true;
  request.view.own = true;
  for (const BundleMount& mount : mounts_)
    request.mounts.push_back({mount.tree.get(), mount.target});
}

void ImageRun::sent() {
  mounts_.clear();
  runtime_ran_ = true;
}

Result<pid_t> ImageRun::started(int wait_status) const {
  if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) return bundle_->read_pid();
  return make_error(bundle_->failure());
}

void ImageRun::running(pid_t pid) {
  mounts_ns_ = open_namespace(pid, "mnt");
  if (own_pids_) pids_ns_ = open_namespace(pid, "pid");
}

void ImageRun::fill_exec(SpawnRequest& request) const {
  if (pids_ns_) {
    request.namespaces.push_back(pids_ns_.get());
    request.pid_namespace = true;
  }
  if (mounts_ns_) request.namespaces.push_back(mounts_ns_.get());
}

int ImageRun::stop_signal() const { return signal_number(image_.held.image.config.stop_signal); }

ImageLeavings ImageRun::leavings() const {
  ImageLeavings leavings{directory_, image_.layer, {}};
  if (bundle_ && runtime_ran_)
    leavings.command = bundle_->delete_command(image_.runtime, context_.oci->state_root());
  return leavings;
}

std::string runtime_environment() {
  const char* path = std::getenv("PATH");
  return std::string("PATH=") + (path != nullptr ? path : kDefaultPath);
}

int signal_number(const std::string& text) {
  int number = 0;
  const char* end = text.data() + text.size();
  if (const auto read = std::from_chars(text.data(), end, number);
      read.ec == std::errc{} && read.ptr == end)
    return number > 0 && number <= SIGRTMAX ? number : 0;
  const std::string name = text.starts_with("SIG") ? text.substr(3) : text;
  for (int each = 1; each < SIGRTMIN; ++each) {
    const char* known = ::sigabbrev_np(each);
    if (known != nullptr && name == known) return each;
  }
  return 0;
}

}  // namespace podvisor
