// Redirects are rare, so here libcurl's URL parser does the work, with its allocations.
#include <charconv>
#include <memory>

#include "loop/libcurl.h"
#include "probes/http_url.h"
#include "probes/probe_text.h"

namespace podvisor {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl().url_cleanup(url); }
};
using ParsedUrl = std::unique_ptr<CURLU, FreeUrl>;

/// Empty where the URL has no such part.
std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl().url_get(url, which, &text, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(LibCurl::free)> owned(text, curl().free);
  return text;
}

/// `location` relative to `base`; null if it is no URL.
ParsedUrl resolve(const HttpUrl& base, const std::string& location) {
  constexpr unsigned kFlags = CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE;
  ParsedUrl url(curl().url());
  const bool ok =
      curl().url_set(url.get(), CURLUPART_URL, to_string(base).c_str(), kFlags) == CURLUE_OK &&
      curl().url_set(url.get(), CURLUPART_URL, location.c_str(), kFlags) == CURLUE_OK;
  return ok ? std::move(url) : nullptr;
}

HttpUrl to_http_url(CURLU* parsed) {
  HttpUrl url;
  url.scheme = part(parsed, CURLUPART_SCHEME);
  const std::string host = part(parsed, CURLUPART_HOST);
  url.host = host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
  const std::string given_port = part(parsed, CURLUPART_PORT);
  const std::string port = part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), url.port);
  url.authority = given_port.empty() ? host : host + ":" + given_port;
  const std::string query = part(parsed, CURLUPART_QUERY);
  url.target = part(parsed, CURLUPART_PATH) + (query.empty() ? "" : "?" + query);
  url.user = part(parsed, CURLUPART_USER, CURLU_URLDECODE);
  url.password = part(parsed, CURLUPART_PASSWORD, CURLU_URLDECODE);
  return url;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_absolute(const std::string& location) {
  const auto stop = location.find_first_of(":/?#");
  return stop != std::string::npos && stop > 0 && location[stop] == ':';
}

Redirect failure(std::string error) {
  Redirect redirect;
  redirect.kind = Redirect::Kind::Failed;
  redirect.error = std::move(error);
  return redirect;
}

}  // namespace

Redirect next_redirect(const std::string& first_host, const HttpUrl& current, int status,
                       const std::string& location, int requests) {
  if (!is_redirect(status) || location.empty()) return {};
  if (!libcurl()) return failure(libcurl().error().message);
  const ParsedUrl parsed = resolve(current, location);
  if (!parsed) return failure("failed to parse Location header " + quote(location));
  Redirect redirect;
  redirect.url = to_http_url(parsed.get());
  if (redirect.url.host != first_host) return {};
  if (requests >= kMaxHttpRequests) return failure("stopped after 10 redirects");
  if (redirect.url.scheme != "http" && redirect.url.scheme != "https") {
    return failure("unsupported protocol scheme " + quote(redirect.url.scheme));
  }
  redirect.kind = Redirect::Kind::Follow;
  redirect.keeps_host = !is_absolute(location);
  return redirect;
}

}  // namespace podvisor
