// The host as a node of the API: what is shown of it, and the labels that may be set. Loop thread
// only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "podvisor/node.h"
#include "podvisor/result.h"
#include "podvisor/time.h"

namespace podvisor {

/// What `get node -o yaml` tells; DWN-6 says what the numbers are.
struct NodeView {
  Node node;
  WallTime since;       ///< when this podvisor began to speak for it
  std::string address;  ///< may be empty: a host without a network
  std::int64_t cpu_millis = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t ephemeral_storage = 0;
  std::string machine;  ///< as uname spells it
  std::string kernel;
  std::string os_image;  ///< PRETTY_NAME of os-release
  std::string machine_id;
};

/// Labels to set; without a value: to take away.
using LabelChanges = std::map<std::string, std::optional<std::string>>;

class NodeControl {
 public:
  virtual ~NodeControl() = default;
  [[nodiscard]] virtual NodeView view() const = 0;
  /// All of them or, with an error, none. They outlive podvisor; waiting pods are held against them
  /// at once.
  [[nodiscard]] virtual Status change_labels(const LabelChanges& changes) = 0;
};

}  // namespace podvisor
