// An EventSink that keeps what was posted.
#pragma once

#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "podvisor/ports/event_sink.h"

namespace podvisor {

class RecordingEventSink final : public EventSink {
 public:
  struct Posted {
    PodUid pod;
    PodEvent event;
  };

  void post(const PodUid& pod, PodEvent event) override {
    posted.push_back({pod, std::move(event)});
    if (on_post) on_post();
  }

  /// The events of one kind, in their order.
  template <typename Event>
  [[nodiscard]] std::vector<Event> of() const {
    std::vector<Event> found;
    for (const Posted& one : posted) {
      if (const auto* event = std::get_if<Event>(&one.event)) found.push_back(*event);
    }
    return found;
  }

  std::vector<Posted> posted;
  std::function<void()> on_post;  ///< called after each, if set
};

}  // namespace podvisor
