#include "cli/api_path.h"

#include <string_view>

namespace podvisor::cli {
namespace {

std::string with_query(std::string path, const Query& query) {
  char separator = '?';
  for (const auto& [key, value] : query) {
    path += separator + key + "=" + encoded(value);
    separator = '&';
  }
  return path;
}

std::string collection(const std::string& namespace_, const std::string& kind) {
  const std::string scope = namespace_.empty() ? "" : "/namespaces/" + encoded(namespace_);
  return (kind == "deployments" ? "/apis/apps/v1" : "/api/v1") + scope + "/" + kind;
}

}  // namespace

std::string encoded(const std::string& text) {
  static constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string safe;
  for (const char byte : text) {
    if (kUnreserved.find(byte) != std::string_view::npos) {
      safe += byte;
      continue;
    }
    const auto code = static_cast<unsigned char>(byte);
    safe += {'%', kHex[code >> 4U], kHex[code & 0xFU]};
  }
  return safe;
}

std::string list_path(const std::string& namespace_, const std::string& plural,
                      const Query& query) {
  return with_query(collection(namespace_, plural), query);
}

std::string object_path(const std::string& namespace_, const std::string& plural,
                        const std::string& name, const Query& query) {
  return with_query(collection(namespace_, plural) + "/" + encoded(name), query);
}

std::string pods_path(const std::string& namespace_, const Query& query) {
  return with_query(collection(namespace_, "pods"), query);
}

std::string events_path(const std::string& namespace_, const Query& query) {
  return with_query(collection(namespace_, "events"), query);
}

std::string pod_path(const std::string& namespace_, const std::string& name, const Query& query) {
  return with_query(collection(namespace_, "pods") + "/" + encoded(name), query);
}

std::string exec_path(const std::string& namespace_, const std::string& name, const Query& query) {
  return with_query(collection(namespace_, "pods") + "/" + encoded(name) + "/exec", query);
}

std::string rollout_path(const std::string& namespace_, const std::string& plural,
                         const std::string& name, const Query& query) {
  return with_query(collection(namespace_, plural) + "/" + encoded(name) + "/rollout", query);
}

std::string log_path(const std::string& namespace_, const std::string& name, const Query& query) {
  return with_query(collection(namespace_, "pods") + "/" + encoded(name) + "/log", query);
}

}  // namespace podvisor::cli
