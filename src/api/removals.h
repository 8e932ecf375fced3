// What has lately left the store, so that a watch can begin at an earlier resourceVersion: the
// store itself knows everything else that has changed since.
#pragma once

#include <cstdint>
#include <deque>

#include "api/kinds.h"
#include "podvisor/object_store.h"

namespace podvisor {

template <typename Kind>
class Removals {
 public:
  using Object = typename Kind::Object;

  explicit Removals(ObjectStore& store)
      : store_(store), known_since_(store.resource_version()), watch_(watch(store)) {}
  Removals(const Removals&) = delete;
  Removals& operator=(const Removals&) = delete;
  ~Removals() { store_.unwatch(watch_); }

  /// Every removal after `version` is known.
  [[nodiscard]] bool complete_since(std::uint64_t version) const {
    return version >= known_since_ && version <= store_.resource_version();
  }
  [[nodiscard]] const std::deque<Object>& objects() const { return objects_; }

  static constexpr std::size_t kMax = 256;

 private:
  std::uint64_t watch(ObjectStore& store) {
    return Kind::watch(store, [this](ChangeType type, const Object& object) {
      if (type == ChangeType::Deleted) add(object);
    });
  }
  void add(const Object& object) {
    objects_.push_back(object);
    if (objects_.size() <= kMax) return;
    known_since_ = objects_.front().resource_version;
    objects_.pop_front();
  }

  ObjectStore& store_;
  std::uint64_t known_since_;
  std::deque<Object> objects_;
  std::uint64_t watch_;
};

}  // namespace podvisor
