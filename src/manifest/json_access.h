// Reading the walker's JSON, where every value present has the type of its row and anything may be
// absent (unset, or wrong and reported already).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "manifest/report.h"

namespace podvisor::manifest {

using Json = nlohmann::json;

[[nodiscard]] inline const Json* find(const Json& object, const std::string& name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// Absent is the same as empty.
[[nodiscard]] inline std::string text(const Json& object, const std::string& name) {
  const Json* value = find(object, name);
  return value == nullptr ? std::string() : value->get<std::string>();
}

[[nodiscard]] inline std::int64_t number(const Json& object, const std::string& name) {
  const Json* value = find(object, name);
  return value == nullptr ? 0 : value->get<std::int64_t>();
}

[[nodiscard]] inline bool flag(const Json& object, const std::string& name) {
  const Json* value = find(object, name);
  return value != nullptr && value->get<bool>();
}

[[nodiscard]] inline std::vector<std::string> strings(const Json& object, const std::string& name) {
  const Json* list = find(object, name);
  return list == nullptr ? std::vector<std::string>{} : list->get<std::vector<std::string>>();
}

/// The object's own, or an empty one.
[[nodiscard]] inline const Json& child(const Json& object, const std::string& name) {
  static const Json none = Json::object();
  const Json* value = find(object, name);
  return value == nullptr ? none : *value;
}

/// Calls visit(item, item_path) for each item of object[name] that was not refused. `object` may be
/// const or not, and so is the item then.
template <typename Object, typename Visit>
void each(Object& object, const std::string& name, const std::string& path, Visit visit) {
  const auto list = object.find(name);
  if (list == object.end() || list->is_null()) return;
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (!(*list)[i].is_null()) visit((*list)[i], at(path + "." + name, i));
  }
}

/// Regular containers, then init containers: the order in which VAL-5 looks for duplicates.
/// visit(container, path, is_init)
template <typename Object, typename Visit>
void each_container(Object& spec, Visit visit) {
  each(spec, "containers", "spec",
       [&](auto& container, const std::string& path) { visit(container, path, false); });
  each(spec, "initContainers", "spec",
       [&](auto& container, const std::string& path) { visit(container, path, true); });
}

[[nodiscard]] inline bool is_sidecar(const Json& init_container) {
  return text(init_container, "restartPolicy") == "Always";
}

}  // namespace podvisor::manifest
