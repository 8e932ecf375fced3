#include "images/image_record.h"

#include <nlohmann/json.hpp>

namespace podvisor {
namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;

Json blob_json(const ImageBlob& blob) { return {{"digest", blob.digest}, {"size", blob.size}}; }

ImageBlob blob_from(const Json& json) {
  ImageBlob blob{json.at("digest").get<std::string>(), json.at("size").get<std::int64_t>()};
  if (!is_image_digest(blob.digest)) throw std::invalid_argument("bad digest");
  return blob;
}

Json config_json(const ImageConfig& config) {
  return {{"entrypoint", config.entrypoint},
          {"cmd", config.cmd},
          {"env", config.env},
          {"user", config.user},
          {"workingDir", config.working_dir},
          {"stopSignal", config.stop_signal},
          {"volumes", config.volumes}};
}

ImageConfig config_from(const Json& json) {
  using Texts = std::vector<std::string>;
  ImageConfig config;
  config.entrypoint = json.at("entrypoint").get<Texts>();
  config.cmd = json.at("cmd").get<Texts>();
  config.env = json.at("env").get<Texts>();
  config.user = json.at("user").get<std::string>();
  config.working_dir = json.at("workingDir").get<std::string>();
  config.stop_signal = json.at("stopSignal").get<std::string>();
  config.volumes = json.at("volumes").get<Texts>();
  return config;
}

/// nlohmann's accessors throw; here is their edge.
template <typename Record, typename Read>
Result<Record> decode(std::string_view text, const char* what, Read read) {
  try {
    const Json json = Json::parse(text);
    if (json.at("version").get<int>() != kVersion)
      return make_error(std::string(what) + " was written by another version of podvisor");
    return read(json);
  } catch (const std::exception& error) {
    return make_error(std::string(what) + " is damaged: " + error.what());
  }
}

}  // namespace

std::string encode_image_record(const ImageRecord& record) {
  Json layers = Json::array();
  for (const ImageBlob& layer : record.manifest.layers) layers.push_back(blob_json(layer));
  return Json{{"version", kVersion},
              {"digest", record.digest},
              {"manifest", {{"config", blob_json(record.manifest.config)}, {"layers", layers}}},
              {"config", config_json(record.config)}}
      .dump();
}

Result<ImageRecord> decode_image_record(std::string_view text) {
  return decode<ImageRecord>(text, "an image's record", [](const Json& json) {
    ImageRecord record;
    record.digest = json.at("digest").get<std::string>();
    if (!is_image_digest(record.digest)) throw std::invalid_argument("bad digest");
    const Json& manifest = json.at("manifest");
    record.manifest.config = blob_from(manifest.at("config"));
    for (const Json& layer : manifest.at("layers"))
      record.manifest.layers.push_back(blob_from(layer));
    record.config = config_from(json.at("config"));
    return record;
  });
}

std::string encode_name_record(const NameRecord& record) {
  return Json{{"version", kVersion},
              {"digest", record.digest},
              {"created", record.created.time_since_epoch().count()}}
      .dump();
}

Result<NameRecord> decode_name_record(std::string_view text) {
  return decode<NameRecord>(text, "an image name's record", [](const Json& json) {
    NameRecord record{json.at("digest").get<std::string>(),
                      WallTime(Duration(json.at("created").get<std::int64_t>()))};
    if (!is_image_digest(record.digest)) throw std::invalid_argument("bad digest");
    return record;
  });
}

std::int64_t layer_bytes(const ImageManifest& manifest) {
  std::int64_t bytes = 0;
  for (const ImageBlob& layer : manifest.layers) bytes += layer.size;
  return bytes;
}

}  // namespace podvisor
