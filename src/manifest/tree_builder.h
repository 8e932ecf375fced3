// Builds Nodes from yaml-cpp's parser events. Throws YAML::ParserException, within yaml_tree only.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "manifest/yaml_tree.h"

namespace podvisor::manifest {

class TreeBuilder : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

  [[nodiscard]] Node take_root();

 private:
  /// A sequence or map whose end has not come yet.
  struct Open {
    Node node;
    YAML::anchor_t anchor = 0;
    std::optional<Entry> pending;  ///< a key that waits for its value
    bool merges = false;           ///< has a plain "<<"
  };

  void open(Node node, YAML::anchor_t anchor, const YAML::Mark& mark);
  void close();
  void attach(Node node, YAML::anchor_t anchor);
  void attach_to_map(Open& map, Node node);
  void charge(std::size_t nodes, std::size_t bytes, const YAML::Mark& mark);
  void charge(const Node& node, const YAML::Mark& mark);

  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  Node root_;
  YAML::Mark document_start_ = YAML::Mark::null_mark();
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace podvisor::manifest
