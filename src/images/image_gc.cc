// Which images go when the disk is full: kubelet's rule.
#include <algorithm>
#include <map>

#include "images/image_store.h"

namespace podvisor {

std::vector<std::string> images_to_collect(std::vector<ImageListing> images,
                                           const ImageStore::Space& space, int high, int low) {
  std::vector<std::string> collected;
  if (space.total <= 0 || space.used * 100 < space.total * high) return collected;
  std::int64_t wanted = space.used - space.total * low / 100;
  std::map<std::string, int> names;  // an image's files go with its last name
  for (const ImageListing& image : images) ++names[image.digest];
  std::ranges::stable_sort(images, {}, &ImageListing::last_used);
  for (const ImageListing& image : images) {
    if (wanted <= 0) break;
    if (image.in_use) continue;
    collected.push_back(image.name);
    if (--names[image.digest] == 0) wanted -= image.size;
  }
  return collected;
}

}  // namespace podvisor
