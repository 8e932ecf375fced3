// Checks a document's tree against the schema table and returns it as JSON with each scalar typed
// by its row and with the row's defaults: the form that rules and decoders read. What is wrong is
// reported and left out of the JSON (null in a list, so that indexes stay).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "manifest/report.h"
#include "manifest/schema.h"
#include "manifest/yaml_tree.h"

namespace podvisor::manifest {

using Json = nlohmann::json;

class Walker {
 public:
  Walker(Report& report, Validate validate) : report_(report), validate_(validate) {}

  /// Nothing when the node is no mapping.
  [[nodiscard]] std::optional<Json> object(const Node& node, const ObjectType& type,
                                           const std::string& path);

 private:
  void entry(const Entry& entry, const ObjectType& type, const Node& parent,
             const std::string& path, Json& out);
  void unknown(const Entry& entry, const ObjectType& type, const std::string& path);
  void doubled(const Entry& entry, const std::string& path);
  /// False when the row's support ends it here.
  [[nodiscard]] bool admit(const Field& field, const ObjectType& type, const Entry& entry,
                           const Node& parent, const std::string& path);
  void complete(const ObjectType& type, const std::string& path, const Json& seen, Json& out);

  [[nodiscard]] std::optional<Json> value(const Field& field, const Node& node,
                                          const std::string& path);
  [[nodiscard]] std::optional<Json> list(const Field& field, const Node& node,
                                         const std::string& path);
  [[nodiscard]] std::optional<Json> map(const Field& field, const Node& node,
                                        const std::string& path);
  [[nodiscard]] std::optional<Json> one(const Field& field, const Node& node,
                                        const std::string& path);
  [[nodiscard]] bool expect(Node::Kind kind, const Node& node, const std::string& path);

  Report& report_;
  Validate validate_;
};

}  // namespace podvisor::manifest
