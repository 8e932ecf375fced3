// Kubernetes' v1 Status: how the API says no, and that something is gone.
#pragma once

#include <string>

#include "api/json.h"
#include "podvisor/pod.h"

namespace podvisor {

struct ApiFailure {
  int code = 500;
  std::string reason;  ///< "NotFound", …
  std::string message;
  std::string kind;  ///< of what it is about, such as "pods"; may be empty
  std::string name;
};

[[nodiscard]] Json status_json(const ApiFailure& failure);
[[nodiscard]] HttpResponse failure_response(const ApiFailure& failure);
/// What a DELETE is answered of what is gone at once. `group` is empty for v1.
[[nodiscard]] HttpResponse deleted_response(const std::string& group, const std::string& resource,
                                            const ObjectMeta& meta);

[[nodiscard]] HttpResponse bad_request(const std::string& message);
/// `resource` is the plural: "secrets".
[[nodiscard]] HttpResponse not_found(const std::string& resource, const std::string& name);
[[nodiscard]] HttpResponse pod_not_found(const std::string& name);
/// One bad value in a request about a pod (422).
[[nodiscard]] HttpResponse invalid_options(const std::string& kind, const std::string& pod,
                                           const std::string& message);

}  // namespace podvisor
