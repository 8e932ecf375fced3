#include "core/deployment_scale.h"

#include <algorithm>
#include <cmath>

namespace podvisor {
namespace {

int total(const std::vector<RevisionSize>& sizes) {
  int sum = 0;
  for (const RevisionSize& each : sizes) sum += each.size;
  return sum;
}

/// By how much it would grow or shrink if it were alone in the world.
int fraction(const RevisionSize& each, const ScaleTo& to, int before) {
  if (to.replicas == 0) return -each.size;
  const double fair = double(each.size) * (to.replicas + to.surge) / before;
  return static_cast<int>(std::lround(fair)) - each.size;
}

}  // namespace

std::vector<RevisionSize> scaled(std::vector<RevisionSize> sizes, const ScaleTo& to) {
  if (sizes.size() == 1) sizes.front().size = to.replicas;
  if (sizes.size() < 2) return sizes;
  const int now = total(sizes);
  const int to_add = (to.replicas == 0 ? 0 : to.replicas + to.surge) - now;
  if (to_add == 0) return sizes;
  // Of two of one size the younger grows first, and the older shrinks first.
  std::ranges::sort(sizes, [&](const RevisionSize& a, const RevisionSize& b) {
    if (a.size != b.size) return a.size > b.size;
    return to_add > 0 ? a.created > b.created : a.created < b.created;
  });
  const int before = to.most_before > 0 ? to.most_before : now;
  int left = to_add;
  for (RevisionSize& each : sizes) {
    const int share = fraction(each, to, before);
    const int taken = to_add > 0 ? std::min(share, left) : std::max(share, left);
    each.size += taken;
    left -= taken;
  }
  sizes.front().size = std::max(sizes.front().size + left, 0);
  return sizes;
}

}  // namespace podvisor
