// The pods that the chaos driver plays with, and their manifests.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace podvisor {

struct CastContainer {
  std::string name;
  int port = 0;             ///< it answers there, and is asked /ready
  bool live = false;        ///< … and /live
  bool native = false;      ///< an init container with restartPolicy Always
  std::string memory = {};  ///< its limit; it may be told to eat more
};

struct CastMember {
  std::string name;
  std::vector<CastContainer> containers;
  nlohmann::json spec = nlohmann::json::object();  ///< more of the pod's
  nlohmann::json annotations = nlohmann::json::object();
  int host_port = 0;            ///< of its first container, by the door; it is under load
  int replicas = 0;             ///< of a Deployment; 0: it is a pod
  bool comes_and_goes = false;  ///< its manifest may be removed
  bool config = false;          ///< it mounts the ConfigMap "settings" and has a variable of it

  /// "Always" where it does not say.
  [[nodiscard]] std::string restart_policy() const;
};

[[nodiscard]] std::vector<CastMember> whole_cast();

/// `dir` holds flags/ and in/; the variable VERSION of each container says the version.
[[nodiscard]] nlohmann::json manifest_of(const CastMember& member, int version,
                                         const std::string& dir);
[[nodiscard]] nlohmann::json settings_map(int version);
/// Of a pod's JSON.
[[nodiscard]] int version_in(const nlohmann::json& pod);

}  // namespace podvisor
