#include <algorithm>

#include "podvisor/deployment.h"

namespace podvisor {
namespace {

bool holds(const LabelRequirement& requirement, const std::map<std::string, std::string>& labels) {
  using Operator = LabelRequirement::Operator;
  const auto found = labels.find(requirement.key);
  const bool exists = found != labels.end();
  const bool listed =
      exists && std::ranges::find(requirement.values, found->second) != requirement.values.end();
  switch (requirement.op) {
    case Operator::In:
      return listed;
    case Operator::NotIn:
      return !listed;
    case Operator::Exists:
      return exists;
    case Operator::DoesNotExist:
      break;
  }
  return !exists;
}

}  // namespace

bool matches(const LabelSelector& selector, const std::map<std::string, std::string>& labels) {
  const bool all_equal = std::ranges::all_of(selector.match_labels, [&](const auto& wanted) {
    const auto found = labels.find(wanted.first);
    return found != labels.end() && found->second == wanted.second;
  });
  return all_equal &&
         std::ranges::all_of(selector.match_expressions, [&](const LabelRequirement& requirement) {
           return holds(requirement, labels);
         });
}

}  // namespace podvisor
