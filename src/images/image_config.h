// OCI image manifests and configurations (image-spec v1.1) as far as podvisor reads them. Their
// text comes from a registry: nothing is believed, everything is bounded by the text's size. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "podvisor/image.h"
#include "podvisor/result.h"

namespace podvisor {

struct ImageBlob {
  std::string digest;  ///< "sha256:" and 64 digits, checked
  std::int64_t size = 0;
};

struct ImageManifest {
  ImageBlob config;
  std::vector<ImageBlob> layers;
};

[[nodiscard]] bool is_image_digest(std::string_view text);
/// The digest of the one manifest in an OCI layout's index.json.
[[nodiscard]] Result<std::string> parse_image_index(std::string_view text);
/// A manifest, also Docker's; not a list of them.
[[nodiscard]] Result<ImageManifest> parse_image_manifest(std::string_view text);
/// The digest of the manifest for Linux on `architecture` (Go's name) in a list of manifests.
[[nodiscard]] Result<std::string> parse_manifest_list(std::string_view text,
                                                      std::string_view architecture);
[[nodiscard]] Result<ImageConfig> parse_image_config(std::string_view text);

}  // namespace podvisor
