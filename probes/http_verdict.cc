#include "probes/http_verdict.h"

#include <string>

namespace podvisor {
namespace {

/// What the kubelet accepts.
constexpr StatusRange kKubernetes{200, 399};

}  // namespace

StatusRange accepted_statuses(ProbeKind kind, const PodPolicy& policy) {
  if (kind != ProbeKind::Readiness) return kKubernetes;  // DIF-1.3
  return {policy.http_success_min, policy.http_success_max};
}

ProbeAnswer judge_http(int status, StatusRange accepted, std::string_view body) {
  if (!accepted.holds(status)) {
    std::string output = "HTTP probe failed with statuscode: " + std::to_string(status);
    if (kKubernetes.holds(status)) {  // DIF-1.5
      output += " (the annotation podvisor.io/http-success: \"200-399\" would accept it)";
    }
    return {Verdict::Failure, std::move(output)};
  }
  if (!may_warn(status)) return {Verdict::Success, {}};
  return {Verdict::Warning, "Probe terminated redirects, Response body: " + std::string(body)};
}

}  // namespace podvisor
