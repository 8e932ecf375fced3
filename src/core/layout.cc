#include "podvisor/layout.h"

namespace podvisor {

std::string Layout::pod_runtime_dir(const PodUid& pod) const {
  return runtime_dir + "/pods/" + pod;
}

std::string Layout::pause_socket(const PodUid& pod) const {
  return pod_runtime_dir(pod) + "/pause.sock";
}

std::string Layout::pod_state_dir(const PodUid& pod) const { return state_dir + "/pods/" + pod; }

std::string Layout::images_dir() const { return state_dir + "/images"; }

std::string Layout::volume(const PodUid& pod, const std::string& name) const {
  return pod_state_dir(pod) + "/volumes/" + name;
}

std::string Layout::pod_log_dir(const ObjectMeta& pod) const {
  return state_dir + "/logs/" + pod.namespace_ + "_" + pod.name + "_" + pod.uid;
}

std::string Layout::log_file(const ObjectMeta& pod, const std::string& container,
                             int instance) const {
  return pod_log_dir(pod) + "/" + container + "/" + std::to_string(instance) + ".log";
}

}  // namespace podvisor
