// Deployments as JSON: how a pod is made of one, and what orders change in it. Pure. Documents are
// as the loader gives them, with every default.
#pragma once

#include <string>

#include "podvisor/deployment.h"
#include "podvisor/object_store.h"
#include "podvisor/time.h"

namespace podvisor {

/// Names what the template asks for, and the ConfigMaps and Secrets that containers are started
/// with (config_use.h): another content of one of them is another revision. The same as long as
/// they are the same, so that pods are found again after podvisor's own restart.
[[nodiscard]] std::string revision_of(const Deployment& deployment, const ObjectStore& store);

/// The document of a pod of that name: the template, with the label pod-template-hash and the
/// Deployment as its owner.
[[nodiscard]] std::string pod_document(const Deployment& deployment, const std::string& revision,
                                       const std::string& name);
/// The same of a pod that is there, under another name.
[[nodiscard]] std::string renamed(const std::string& pod_document, const std::string& name);

/// As kubectl's apply would leave it: `kubectl.kubernetes.io/restartedAt` of the template and
/// `paused` stay as they are where the fresh document does not say.
[[nodiscard]] std::string carried_over(const std::string& fresh, const std::string& current);
/// Has the template that the pod was made of but for restartedAt, which is taken over from it;
/// another one is left alone.
[[nodiscard]] std::string restarted_as(const std::string& document,
                                       const std::string& pod_document);

[[nodiscard]] std::string with_paused(const std::string& document, bool paused);
[[nodiscard]] std::string with_restart(const std::string& document, WallTime now);
/// With the template that the pod was made of.
[[nodiscard]] std::string with_template_of(const std::string& document,
                                           const std::string& pod_document);

}  // namespace podvisor
