#include "runtime/empty_dir_limits.h"

#include "log/logger.h"
#include "podvisor/quantity_text.h"
#include "runtime/volumes/usage.h"

namespace podvisor {
std::string eviction_message(const std::string& volume, std::int64_t limit) {
  return "Usage of EmptyDir volume \"" + volume + "\" exceeds the limit \"" + quantity_text(limit) +
         "\". ";
}

EmptyDirLimits::EmptyDirLimits(const RuntimeContext& context)
    : context_(context), timer_(context.loop, [this] { measure(); }) {}

EmptyDirLimits::~EmptyDirLimits() { *stop_ = true; }

void EmptyDirLimits::watch(const Pod& pod) {
  const PodUid& uid = pod.metadata.uid;
  Round limited;
  for (const Volume& volume : pod.spec.volumes) {
    const auto* empty_dir = std::get_if<EmptyDirVolume>(&volume.source);
    // A tmpfs has its size from the kernel.
    if (empty_dir == nullptr || empty_dir->memory || empty_dir->size_limit.value_or(0) <= 0)
      continue;
    limited.push_back({uid, volume.name, context_.settings.layout.volume(uid, volume.name),
                       *empty_dir->size_limit});
  }
  if (limited.empty()) return;
  watched_[uid] = std::move(limited);
  if (!measuring_ && !timer_.active()) wait();
}

void EmptyDirLimits::forget(const PodUid& pod) {
  watched_.erase(pod);
  if (watched_.empty()) *stop_ = true;
}

void EmptyDirLimits::wait() { timer_.start(context_.settings.volume_measure_period); }

void EmptyDirLimits::measure() {
  auto round = std::make_shared<Round>();
  for (const auto& [uid, volumes] : watched_)
    round->insert(round->end(), volumes.begin(), volumes.end());
  if (round->empty()) return;
  measuring_ = true;
  stop_ = std::make_shared<std::atomic<bool>>(false);
  run_blocking(
      context_.loop,
      [round, stop = stop_] {
        for (Limited& volume : *round) measure_one(volume, *stop);
      },
      [this, round, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) judge(*round);
      });
}

/// Twice before it is called too much: a file that is moved meanwhile may be met in both places.
void EmptyDirLimits::measure_one(Limited& volume, const std::atomic<bool>& stop) {
  MeasureLimits limits;
  limits.enough = volume.limit;
  for (int time = 0; time < 2; ++time) {
    const auto usage = measure_volume(volume.path, limits, stop);
    if (!usage) return;  // it is gone, or nobody can measure it now: the next round tells
    volume.used = usage->bytes;
    volume.complete = usage->complete;
    if (volume.used <= volume.limit) return;
  }
}

void EmptyDirLimits::judge(const Round& round) {
  measuring_ = false;
  for (const Limited& volume : round) {
    if (!watched_.contains(volume.pod)) continue;
    if (volume.used > volume.limit) {
      watched_.erase(volume.pod);
      context_.events.post(volume.pod,
                           pod_event::Evicted{eviction_message(volume.volume, volume.limit)});
    } else if (!volume.complete) {
      log_warning(
          "a volume has more or deeper files than can be measured; its sizeLimit holds for "
          "what can be",
          {{"pod", volume.pod}, {"volume", volume.volume}});
    }
  }
  if (!watched_.empty()) wait();
}

}  // namespace podvisor
