#include "manifest/decode.h"
#include "manifest/json_access.h"
#include "manifest/quantity.h"

namespace podvisor::manifest {
namespace {

EmptyDirVolume decode_empty_dir(const Json& json) {
  EmptyDirVolume source;
  source.memory = text(json, "medium") == "Memory";
  const auto limit = parse_quantity(text(json, "sizeLimit"));
  if (limit) source.size_limit = value(*limit);
  return source;
}

}  // namespace

Volume decode_volume(const Json& json) {
  Volume volume;
  volume.name = text(json, "name");
  if (const Json* path = find(json, "hostPath")) {
    volume.source = HostPathVolume{text(*path, "path"), text(*path, "type")};
  } else if (auto projected = decode_projected(json)) {
    volume.source = std::move(*projected);
  } else {
    volume.source = decode_empty_dir(json.at("emptyDir"));
  }
  return volume;
}

}  // namespace podvisor::manifest
