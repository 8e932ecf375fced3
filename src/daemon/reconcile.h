// What a directory of manifests asks for, against what was asked for before, and what one host does
// about it. Pure.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "manifest/manifest.h"

namespace podvisor {

using PodName = std::pair<std::string, std::string>;  ///< namespace, name
/// The document of each pod as it was last applied.
using Applied = std::map<PodName, std::string>;

struct Changes {
  std::vector<LoadedPod> apply;  ///< new or changed
  std::vector<PodName> remove;
};

[[nodiscard]] Changes reconcile(const Applied& applied, const std::vector<LoadedPod>& desired);

using ConfigName = std::tuple<ConfigKind, std::string, std::string>;  ///< kind, namespace, name
using AppliedConfigs = std::map<ConfigName, std::string>;

struct ConfigChanges {
  std::vector<Loaded<ConfigObject>> apply;  ///< new or changed
  std::vector<ConfigName> remove;
};

[[nodiscard]] ConfigChanges reconcile(const AppliedConfigs& applied,
                                      const std::vector<Loaded<ConfigObject>>& desired);

/// The document of each Service.
using AppliedServices = std::map<PodName, std::string>;

struct ServiceChanges {
  std::vector<Loaded<Service>> apply;  ///< new or changed
  std::vector<PodName> remove;
};

[[nodiscard]] ServiceChanges reconcile(const AppliedServices& applied,
                                       const std::vector<Loaded<Service>>& desired);

/// The document of each Deployment.
using AppliedDeployments = std::map<PodName, std::string>;

struct DeploymentChanges {
  std::vector<Loaded<Deployment>> apply;  ///< new or changed
  std::vector<PodName> remove;
};

[[nodiscard]] DeploymentChanges reconcile(const AppliedDeployments& applied,
                                          const std::vector<Loaded<Deployment>>& desired);

/// What a file asks for: the document of each object, by kind, namespace and name.
using Documents = std::map<std::string, std::string>;
[[nodiscard]] Documents documents_of(const LoadResult& file);

/// Why `fresh` may not take the place of `old`, in Kubernetes' words; empty: it may.
[[nodiscard]] std::string refusal_of_change(const ConfigObject& old, const ConfigObject& fresh);
[[nodiscard]] std::string refusal_of_change(const Deployment& old, const Deployment& fresh);

/// Why pods of it cannot be side by side, as its strategy wants them; empty: they can.
[[nodiscard]] std::string refusal_of_neighbours(const Deployment& deployment);

}  // namespace podvisor
