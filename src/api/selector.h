// ?labelSelector= and ?fieldSelector=: which objects a request means.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "podvisor/result.h"

namespace podvisor {

class Selector {
 public:
  using Fields = std::map<std::string, std::string>;

  /// Matches everything.
  Selector() = default;

  /// Equality and existence: "app=web,tier!=db,team,!legacy". Set-based ones are refused.
  [[nodiscard]] static Result<Selector> parse_labels(const std::string& text);
  /// Equality over `known` fields: "metadata.name=web,status.phase!=Failed".
  [[nodiscard]] static Result<Selector> parse_fields(const std::string& text,
                                                     const std::set<std::string>& known);

  /// As Kubernetes: a missing key is unequal to every value.
  [[nodiscard]] bool matches(const Fields& fields) const;
  [[nodiscard]] bool empty() const { return requirements_.empty(); }

 private:
  enum class Operator { Equals, NotEquals, Exists, Missing };
  struct Requirement {
    std::string key;
    Operator op = Operator::Equals;
    std::string value;
  };

  [[nodiscard]] static Result<Requirement> parse_requirement(const std::string& text);
  [[nodiscard]] static bool matches(const Requirement& requirement, const Fields& fields);

  std::vector<Requirement> requirements_;
};

}  // namespace podvisor
