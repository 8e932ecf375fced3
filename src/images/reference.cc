#include "images/reference.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace podvisor {
namespace {

using Transport = ImageReference::Transport;

constexpr std::array<std::pair<std::string_view, Transport>, 5> kTransports = {
    {{"oci:", Transport::Oci},
     {"oci-archive:", Transport::OciArchive},
     {"docker-archive:", Transport::DockerArchive},
     {"dir:", Transport::Directory},
     {"rootfs:", Transport::Rootfs}}};
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxTag = 128;
constexpr std::size_t kSha256Digits = 64;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_word(char c) { return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

/// Runs of [a-z0-9] with one '.', one or two '_', or any number of '-' between them.
bool is_path_element(std::string_view text) {
  std::size_t at = 0;
  const auto run = [&](auto accepts) {
    const std::size_t begin = at;
    while (at < text.size() && accepts(text[at])) ++at;
    return at - begin;
  };
  const auto alphanumeric = [](char c) { return is_lower(c) || is_digit(c); };
  while (true) {
    if (run(alphanumeric) == 0) return false;
    if (at == text.size()) return true;
    const char separator = text[at];
    const std::size_t length = run([&](char c) { return c == separator; });
    const std::size_t most = separator == '.' ? 1 : separator == '_' ? 2 : text.size();
    if ((separator != '.' && separator != '_' && separator != '-') || length > most) return false;
  }
}

bool is_repository(std::string_view text) {
  for (std::size_t begin = 0;;) {
    const std::size_t slash = text.find('/', begin);
    if (!is_path_element(text.substr(begin, slash - begin))) return false;
    if (slash == std::string_view::npos) return true;
    begin = slash + 1;
  }
}

/// As Docker tells a registry from the first element of a repository.
bool is_registry(std::string_view text) {
  return text == "localhost" || text.find_first_of(".:") != std::string_view::npos;
}

bool is_host_and_port(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_word(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
}

bool is_tag(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTag && is_word(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

bool is_digest(std::string_view text) {
  constexpr std::string_view kAlgorithm = "sha256:";
  return text.starts_with(kAlgorithm) && text.size() == kAlgorithm.size() + kSha256Digits &&
         std::ranges::all_of(text.substr(kAlgorithm.size()), is_hex);
}

tl::unexpected<Error> refused(const std::string& text, const std::string& why) {
  return make_error("Failed to apply default image tag \"" + text +
                    "\": couldn't parse image name \"" + text + "\": " + why);
}

/// Takes what follows the last `mark` after the last '/' off `rest`.
std::string split_off(std::string& rest, char mark) {
  const std::size_t slash = rest.rfind('/');
  const std::size_t at = rest.find(mark, slash == std::string::npos ? 0 : slash);
  if (at == std::string::npos) return {};
  std::string tail = rest.substr(at + 1);
  rest.erase(at);
  return tail;
}

void split_registry(const std::string& name, ImageReference& reference) {
  const std::size_t slash = name.find('/');
  if (slash != std::string::npos && is_registry(name.substr(0, slash))) {
    reference.registry = name.substr(0, slash);
    reference.repository = name.substr(slash + 1);
  } else {
    reference.registry = "docker.io";
    reference.repository = slash == std::string::npos ? "library/" + name : name;
  }
  if (reference.registry == "index.docker.io") reference.registry = "docker.io";
}

Result<ImageReference> parse_registry_name(const std::string& text) {
  if (text.find("://") != std::string::npos)
    return refused(text, "invalid reference format: a URL scheme has no place in it");
  if (text.size() == kSha256Digits && std::ranges::all_of(text, is_hex))
    return refused(text, "invalid repository name, cannot specify 64-byte hexadecimal strings");
  ImageReference reference;
  std::string rest = text;
  const std::size_t at = rest.find('@');
  if (at != std::string::npos) {
    reference.digest = rest.substr(at + 1);
    rest.erase(at);
    if (!is_digest(reference.digest))
      return refused(text, "invalid reference format: the digest is not sha256: and 64 digits");
  }
  const bool tagged = rest.find(':', rest.rfind('/') == std::string::npos ? 0 : rest.rfind('/')) !=
                      std::string::npos;
  reference.tag = split_off(rest, ':');
  if (tagged && !is_tag(reference.tag)) return refused(text, "invalid reference format: bad tag");
  split_registry(rest, reference);
  if (!is_host_and_port(reference.registry) || rest.size() > kMaxName)
    return refused(text, "invalid reference format");
  if (std::ranges::any_of(reference.repository, [](char c) { return c >= 'A' && c <= 'Z'; }))
    return refused(text, "invalid reference format: repository name must be lowercase");
  if (!is_repository(reference.repository)) return refused(text, "invalid reference format");
  if (reference.tag.empty() && reference.digest.empty()) reference.tag = "latest";
  return reference;
}

std::string_view prefix_of(Transport transport) {
  for (const auto& [prefix, each] : kTransports)
    if (each == transport) return prefix;
  return "";
}

}  // namespace

Result<ImageReference> parse_image_reference(const std::string& text) {
  if (text.empty()) return refused(text, "invalid reference format: it is empty");
  for (const auto& [prefix, transport] : kTransports) {
    if (!text.starts_with(prefix)) continue;
    ImageReference reference;
    reference.transport = transport;
    reference.path = text.substr(prefix.size());
    if (!reference.path.starts_with('/'))
      return refused(text, "what follows " + std::string(prefix) + " must be an absolute path");
    return reference;
  }
  return parse_registry_name(text);
}

std::string normal_name(const ImageReference& reference) {
  if (reference.transport != Transport::Registry)
    return std::string(prefix_of(reference.transport)) + reference.path;
  std::string name = reference.registry + "/" + reference.repository;
  if (!reference.tag.empty()) name += ":" + reference.tag;
  if (!reference.digest.empty()) name += "@" + reference.digest;
  return name;
}

std::string skopeo_source(const ImageReference& reference) {
  if (reference.transport != Transport::Registry) return normal_name(reference);
  // skopeo takes a tag or a digest, not both: the digest says more.
  const std::string name = "docker://" + reference.registry + "/" + reference.repository;
  return reference.digest.empty() ? name + ":" + reference.tag : name + "@" + reference.digest;
}

bool is_on_loopback(const ImageReference& reference) {
  const std::string& host = reference.registry;
  return host.starts_with("127.") || host.starts_with("[::1]") || host == "localhost" ||
         host.starts_with("localhost:");
}

}  // namespace podvisor
