// A node that has the labels it is told to have.
#pragma once

#include "podvisor/ports/node_control.h"

namespace podvisor {

class FakeNode final : public NodeControl {
 public:
  [[nodiscard]] NodeView view() const override { return shown; }
  [[nodiscard]] Status change_labels(const LabelChanges& changes) override {
    if (failure) return tl::unexpected(*failure);
    for (const auto& [key, value] : changes) {
      if (value)
        shown.node.labels.insert_or_assign(key, *value);
      else
        shown.node.labels.erase(key);
    }
    return {};
  }

  NodeView shown{.node = {.name = "alpha", .labels = {{"kubernetes.io/arch", "amd64"}}},
                 .address = "192.0.2.7",
                 .cpu_millis = 2000,
                 .memory_bytes = 4096 * 1024,
                 .machine = "x86_64",
                 .kernel = "6.1.0",
                 .os_image = "Debian"};
  std::optional<Error> failure;
};

}  // namespace podvisor
