// What the store writes down about an image and about a name. Text of another version or damaged
// text is an error, never half a record. Pure.
#pragma once

#include <string>
#include <string_view>

#include "images/image_config.h"
#include "podvisor/image.h"
#include "podvisor/result.h"
#include "podvisor/time.h"

namespace podvisor {

/// roots/HEX/image.json
struct ImageRecord {
  std::string digest;
  ImageManifest manifest;
  ImageConfig config;
};
[[nodiscard]] std::string encode_image_record(const ImageRecord& record);
[[nodiscard]] Result<ImageRecord> decode_image_record(std::string_view text);

/// names/NAME
struct NameRecord {
  std::string digest;
  WallTime created;
};
[[nodiscard]] std::string encode_name_record(const NameRecord& record);
[[nodiscard]] Result<NameRecord> decode_name_record(std::string_view text);

/// Of all layers, as pulled.
[[nodiscard]] std::int64_t layer_bytes(const ImageManifest& manifest);

}  // namespace podvisor
