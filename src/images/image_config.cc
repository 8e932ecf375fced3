#include "images/image_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace podvisor {
namespace {

using Json = nlohmann::json;

Result<Json> parse(std::string_view text, const char* what) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return make_error(std::string(what) + " is no JSON object");
  return json;
}

const Json& member(const Json& json, const char* name) {
  static const Json kNone;
  const auto found = json.is_object() ? json.find(name) : json.end();
  return json.is_object() && found != json.end() ? *found : kNone;
}

std::string text_of(const Json& json, const char* name) {
  const Json& value = member(json, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::vector<std::string> texts_of(const Json& json, const char* name) {
  std::vector<std::string> texts;
  const Json& list = member(json, name);
  if (!list.is_array()) return texts;
  for (const Json& value : list)
    if (value.is_string()) texts.push_back(value.get<std::string>());
  return texts;
}

Result<ImageBlob> blob_of(const Json& json) {
  ImageBlob blob{text_of(json, "digest"), 0};
  const Json& size = member(json, "size");
  if (!is_image_digest(blob.digest) || !size.is_number_integer() || size.get<std::int64_t>() < 0)
    return make_error("a blob of the manifest has no sha256 digest or no size");
  blob.size = size.get<std::int64_t>();
  return blob;
}

}  // namespace

bool is_image_digest(std::string_view text) {
  constexpr std::string_view kAlgorithm = "sha256:";
  return text.starts_with(kAlgorithm) && text.size() == kAlgorithm.size() + 64 &&
         std::ranges::all_of(text.substr(kAlgorithm.size()), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Result<std::string> parse_image_index(std::string_view text) {
  const auto index = parse(text, "the image's index");
  if (!index) return tl::unexpected(index.error());
  const Json& manifests = member(*index, "manifests");
  if (!manifests.is_array() || manifests.size() != 1)
    return make_error("the image's index does not name exactly one manifest");
  std::string digest = text_of(manifests.front(), "digest");
  if (!is_image_digest(digest)) return make_error("the image's index has no sha256 digest");
  return digest;
}

Result<ImageManifest> parse_image_manifest(std::string_view text) {
  const auto json = parse(text, "the image's manifest");
  if (!json) return tl::unexpected(json.error());
  ImageManifest manifest;
  auto config = blob_of(member(*json, "config"));
  if (!config) return tl::unexpected(config.error());
  manifest.config = std::move(*config);
  const Json& layers = member(*json, "layers");
  if (!layers.is_array()) return make_error("the image's manifest has no list of layers");
  for (const Json& layer : layers) {
    auto blob = blob_of(layer);
    if (!blob) return tl::unexpected(blob.error());
    manifest.layers.push_back(std::move(*blob));
  }
  return manifest;
}

Result<std::string> parse_manifest_list(std::string_view text, std::string_view architecture) {
  const auto json = parse(text, "the list of manifests");
  if (!json) return tl::unexpected(json.error());
  const Json& manifests = member(*json, "manifests");
  if (!manifests.is_array()) return make_error("it is no list of manifests");
  for (const Json& manifest : manifests) {
    const Json& platform = member(manifest, "platform");
    std::string digest = text_of(manifest, "digest");
    if (text_of(platform, "os") == "linux" && text_of(platform, "architecture") == architecture &&
        is_image_digest(digest))
      return digest;
  }
  return make_error("the list of manifests has none for this machine");
}

Result<ImageConfig> parse_image_config(std::string_view text) {
  const auto json = parse(text, "the image's configuration");
  if (!json) return tl::unexpected(json.error());
  const Json& values = member(*json, "config");
  ImageConfig config;
  config.entrypoint = texts_of(values, "Entrypoint");
  config.cmd = texts_of(values, "Cmd");
  config.env = texts_of(values, "Env");
  config.user = text_of(values, "User");
  config.working_dir = text_of(values, "WorkingDir");
  config.stop_signal = text_of(values, "StopSignal");
  const Json& volumes = member(values, "Volumes");
  if (volumes.is_object())
    for (const auto& [path, ignored] : volumes.items()) config.volumes.push_back(path);
  return config;
}

}  // namespace podvisor
