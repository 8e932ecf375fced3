#include "podvisor/image.h"

#include <array>
#include <string_view>

namespace podvisor {

std::string image_id(const Image& image) {
  constexpr std::array<std::string_view, 5> kPlaces = {
      "oci:", "oci-archive:", "docker-archive:", "dir:", "rootfs:"};
  for (const std::string_view place : kPlaces)
    if (image.name.starts_with(place)) return image.digest;
  std::string name = image.name.substr(0, image.name.find('@'));
  const std::size_t colon = name.rfind(':');
  // A colon before the last slash is the registry's port.
  if (colon != std::string::npos && name.find('/', colon) == std::string::npos) name.resize(colon);
  return name + "@" + image.digest;
}

}  // namespace podvisor
