// The request of an HTTP probe or hook as it goes over the wire (HTTP-5, HTTP-6, HTTP-10). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "podvisor/pod.h"
#include "probes/http_url.h"

namespace podvisor {

inline constexpr char kProbeUserAgent[] = "kube-probe/1.36";     // OPN-6
inline constexpr char kHookUserAgent[] = "kube-lifecycle/1.36";  // HOK-5

/// "accept-encoding" -> "Accept-Encoding".
[[nodiscard]] std::string canonical_header_name(std::string_view name);

/// The first header whose value can't be sent (control characters), or nothing.
[[nodiscard]] const HttpHeader* invalid_header(const std::vector<HttpHeader>& headers);

/// Puts the request into `out`, whose memory is used again. `headers` are the manifest's;
/// `keeps_host`: a Host among them counts. Those that describe a body are left out: there is none.
/// `user_agent` is who asks, unless a header says otherwise.
void write_request(std::string& out, const HttpUrl& url, const std::vector<HttpHeader>& headers,
                   bool keeps_host, std::string_view user_agent = kProbeUserAgent);

}  // namespace podvisor
