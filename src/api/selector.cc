#include "api/selector.h"

#include <algorithm>
#include <sstream>

namespace podvisor {
namespace {

std::string trim(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> split_requirements(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');)
    if (!trim(part).empty()) parts.push_back(trim(part));
  return parts;
}

tl::unexpected<Error> not_a_selector(const std::string& text) {
  return make_error("unable to parse requirement \"" + text +
                    "\": use KEY=VALUE, KEY!=VALUE, KEY or !KEY");
}

}  // namespace

Result<Selector::Requirement> Selector::parse_requirement(const std::string& text) {
  Requirement requirement;
  const auto equals = text.find('=');
  if (equals == std::string::npos) {
    const bool negated = text.front() == '!';
    requirement.op = negated ? Operator::Missing : Operator::Exists;
    requirement.key = trim(negated ? text.substr(1) : text);
  } else {
    const bool negated = equals > 0 && text[equals - 1] == '!';
    const bool doubled = equals + 1 < text.size() && text[equals + 1] == '=';
    requirement.op = negated ? Operator::NotEquals : Operator::Equals;
    requirement.key = trim(text.substr(0, negated ? equals - 1 : equals));
    requirement.value = trim(text.substr(equals + (doubled ? 2 : 1)));
  }
  const bool sound = !requirement.key.empty() &&
                     requirement.key.find_first_of(" !=()") == std::string::npos &&
                     requirement.value.find_first_of(" !=()") == std::string::npos;
  if (!sound) return not_a_selector(text);
  return requirement;
}

Result<Selector> Selector::parse_labels(const std::string& text) {
  Selector selector;
  for (const std::string& part : split_requirements(text)) {
    auto requirement = parse_requirement(part);
    if (!requirement) return tl::unexpected(requirement.error());
    selector.requirements_.push_back(std::move(*requirement));
  }
  return selector;
}

Result<Selector> Selector::parse_fields(const std::string& text,
                                        const std::set<std::string>& known) {
  auto selector = parse_labels(text);
  if (!selector) return selector;
  for (const Requirement& requirement : selector->requirements_) {
    if (requirement.op == Operator::Exists || requirement.op == Operator::Missing)
      return not_a_selector(requirement.key);
    if (!known.contains(requirement.key))
      return make_error("field label not supported: " + requirement.key);
  }
  return selector;
}

bool Selector::matches(const Requirement& requirement, const Fields& fields) {
  const auto found = fields.find(requirement.key);
  const bool exists = found != fields.end();
  switch (requirement.op) {
    case Operator::Exists:
      return exists;
    case Operator::Missing:
      return !exists;
    case Operator::Equals:
      return exists && found->second == requirement.value;
    case Operator::NotEquals:
      break;
  }
  return !exists || found->second != requirement.value;
}

bool Selector::matches(const Fields& fields) const {
  return std::all_of(requirements_.begin(), requirements_.end(),
                     [&](const Requirement& requirement) { return matches(requirement, fields); });
}

}  // namespace podvisor
