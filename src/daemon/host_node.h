// The host as the node: its name, its address, and its labels, which outlive podvisor.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "podvisor/downward_api.h"
#include "podvisor/ports/node_control.h"

namespace podvisor {

class HostNode final : public NodeControl {
 public:
  struct Settings {
    std::string label_file;
    std::map<std::string, std::string> labels;  ///< --node-labels: those that it has anyway
    std::string address;                        ///< --node-ip; empty: the host's first
    NodeFacts facts;
    WallTime now;
  };
  /// The error: the label file cannot be read.
  [[nodiscard]] static Result<HostNode> open(Settings settings);

  /// Called with the node as it is now, whenever its labels have changed.
  void on_change(std::function<void(const Node&)> callback) { on_change_ = std::move(callback); }

  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] std::string address() const;
  [[nodiscard]] NodeView view() const override;
  [[nodiscard]] Status change_labels(const LabelChanges& changes) override;

 private:
  HostNode(Settings settings, LabelChanges changes);
  [[nodiscard]] std::map<std::string, std::string> given_labels() const;
  void relabel();

  Settings settings_;
  LabelChanges changes_;
  Node node_;
  std::function<void(const Node&)> on_change_;
};

}  // namespace podvisor
