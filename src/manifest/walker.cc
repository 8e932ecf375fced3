#include "manifest/walker.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "manifest/names.h"
#include "manifest/scalar.h"
#include "manifest/scalar_value.h"
#include "manifest/suggest.h"

namespace podvisor::manifest {
namespace {

const char* name_of(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::Null:
      return "nothing";
    case Node::Kind::Scalar:
      return "a single value";
    case Node::Kind::Sequence:
      return "a list";
    case Node::Kind::Map:
      break;
  }
  return "a mapping";
}

std::string join_path(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

/// A key of the text in a path: one line, not too long, whatever it holds.
std::string printable(const std::string& key) {
  std::string shown = show(Json(key));
  return shown.size() == key.size() + 2 ? key : shown;
}

bool is_empty(const Json& value) {
  return value.is_null() || (value.is_structured() && value.empty());
}

bool is_zero_text(const Json& value) {
  return value.is_string() && value.get_ref<const std::string&>().empty();
}

bool is_zero(const Json& value) {
  return (value.is_number_integer() && value == 0) || is_zero_text(value);
}

/// Leaves things as if the field were not there. An empty object may not: `grpc: {}` is a handler.
bool changes_nothing(const Field& field, const Json& value) {
  if (*field.unless != '\0' && value == Json::parse(field.unless)) return true;
  if (field.default_value != nullptr && value == Json::parse(field.default_value)) return true;
  return is_zero_text(value) || (field.shape != Shape::One && is_empty(value));
}

/// `, container "web"`: a reader should not have to count list items.
std::string subject(const ObjectType& type, const Node& parent) {
  const Node* name = *type.noun != '\0' ? find(parent, "name") : nullptr;
  if (name == nullptr || name->kind != Node::Kind::Scalar) return "";
  return std::string(" (") + type.noun + " " + show(Json(name->text)) + ")";
}

std::string known_fields(const ObjectType& type) {
  std::string names;
  for (const Field& field : type.fields) {
    if (field.support != Support::Supported) continue;
    names += (names.empty() ? "" : ", ") + std::string(field.name);
  }
  return names;
}

bool is_plain_text(const Node& node) {
  return (node.quoted || !is_typed(node.text)) && node.text.find('\0') == std::string::npos;
}

/// Where whoever has to change something will look: at the value, or, `at_key`, at its name.
void place_entry(Report& report, const std::string& path, const Entry& entry, bool at_key) {
  const bool at_value = entry.value.kind == Node::Kind::Scalar && !at_key;
  report.place(path, at_value ? entry.value.line : entry.line,
               at_value ? entry.value.column : entry.column);
}

}  // namespace

std::optional<Json> Walker::object(const Node& node, const ObjectType& type,
                                   const std::string& path) {
  if (!expect(Node::Kind::Map, node, path)) return std::nullopt;
  Json out = Json::object();
  Json seen = Json::object();
  for (const Entry& child : node.entries) {
    const std::string child_path = join_path(path, printable(child.key));
    if (seen.contains(child.key)) {
      doubled(child, child_path);
      if (validate_ == Validate::Strict) continue;
      out.erase(child.key);
    }
    seen[child.key] = child.value.kind != Node::Kind::Null;
    entry(child, type, node, child_path, out);
  }
  complete(type, path, seen, out);
  return out;
}

void Walker::entry(const Entry& entry, const ObjectType& type, const Node& parent,
                   const std::string& path, Json& out) {
  const Field* field = find_field(type, entry.key);
  if (field == nullptr) return unknown(entry, type, path);
  place_entry(report_, path, entry, false);
  if (entry.value.kind == Node::Kind::Null || !admit(*field, type, entry, parent, path)) return;
  auto taken = value(*field, entry.value, path);
  if (taken) out[entry.key] = std::move(*taken);
}

void Walker::unknown(const Entry& entry, const ObjectType& type, const std::string& path) {
  if (validate_ == Validate::Ignore) return;
  if (report_.full()) return;
  report_.place(path, entry.line, entry.column);
  std::vector<std::string> names;
  for (const Field& field : type.fields) names.emplace_back(field.name);
  const std::string meant = nearest(entry.key, names);
  std::string message = "unknown field " + show(Json(entry.key)) + " in " + type.name;
  message += meant.empty() ? "; known are " + known_fields(type) : "; did you mean " + meant + "?";
  if (validate_ == Validate::Warn) return report_.warning(path, std::move(message));
  report_.error(path, std::move(message));
}

void Walker::doubled(const Entry& entry, const std::string& path) {
  if (validate_ == Validate::Ignore) return;
  const Location first = nearest_location(report_.fields(), path);
  report_.place(path, entry.line, entry.column);
  const std::string message =
      duplicate(show(Json(entry.key))) + ": already given on line " + std::to_string(first.line);
  if (validate_ == Validate::Warn) return report_.warning(path, message);
  report_.error(path, message);
}

bool Walker::admit(const Field& field, const ObjectType& type, const Entry& entry,
                   const Node& parent, const std::string& path) {
  if (field.support == Support::Supported) return true;
  if (field.support == Support::Dropped) return false;
  if (changes_nothing(field, untyped_json(entry.value))) return true;
  if (field.support == Support::Refused) {
    report_.error(path, forbidden(field.reason) + subject(type, parent));
    return false;
  }
  report_.ignored(path, field.reason);
  return true;
}

void Walker::complete(const ObjectType& type, const std::string& path, const Json& seen,
                      Json& out) {
  for (const Field& field : type.fields) {
    const auto present = out.find(field.name);
    const bool unset = present == out.end();
    const bool tried = seen.value(field.name, false);
    if (field.required) {
      const bool zero =
          unset ? !tried : (present->is_array() && present->empty()) || is_zero(*present);
      if (zero) report_.error(join_path(path, field.name), "Required value");
    } else if (field.default_value != nullptr) {
      // A value that was refused is not replaced: one error is enough.
      const bool zero = unset ? !tried : is_zero(*present) && !field.keeps_zero;
      if (zero) out[field.name] = Json::parse(field.default_value);
    }
  }
}

std::optional<Json> Walker::value(const Field& field, const Node& node, const std::string& path) {
  switch (field.shape) {
    case Shape::List:
      return list(field, node, path);
    case Shape::Map:
      return map(field, node, path);
    case Shape::One:
      break;
  }
  return one(field, node, path);
}

std::optional<Json> Walker::list(const Field& field, const Node& node, const std::string& path) {
  if (!expect(Node::Kind::Sequence, node, path)) return std::nullopt;
  Json out = Json::array();
  for (const Node& item : node.items) {
    const std::string item_path = at(path, out.size());
    report_.place(item_path, item.line, item.column);
    auto taken = one(field, item, item_path);
    out.push_back(taken ? std::move(*taken) : Json());
  }
  return out;
}

std::optional<Json> Walker::map(const Field& field, const Node& node, const std::string& path) {
  if (!expect(Node::Kind::Map, node, path)) return std::nullopt;
  Json out = Json::object();
  for (const Entry& entry : node.entries) {
    const std::string entry_path = at(path, printable(entry.key));
    if (out.contains(entry.key)) doubled(entry, entry_path);
    place_entry(report_, entry_path, entry, !check_qualified_name(entry.key).empty());
    if (entry.value.kind == Node::Kind::Null && field.type == ValueType::String) {
      out[entry.key] = "";
      continue;
    }
    auto taken = one(field, entry.value, entry_path);
    if (taken) out[entry.key] = std::move(*taken);
  }
  return out;
}

std::optional<Json> Walker::one(const Field& field, const Node& node, const std::string& path) {
  if (field.type == ValueType::Untyped) return untyped_json(node);
  if (field.type == ValueType::Object) return object(node, *field.object, path);
  if (!expect(Node::Kind::Scalar, node, path)) return std::nullopt;
  if (field.secret && !is_plain_text(node)) {
    report_.error(path, invalid("(not shown)", "must be a string; put it in quotes"));
    return std::nullopt;
  }
  return scalar_value(field, node, path, report_);
}

bool Walker::expect(Node::Kind kind, const Node& node, const std::string& path) {
  if (node.kind == kind) return true;
  report_.error(path, invalid(show(node), std::string("must be ") + name_of(kind)));
  return false;
}

}  // namespace podvisor::manifest
