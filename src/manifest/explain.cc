#include "manifest/explain.h"

#include <algorithm>
#include <array>
#include <vector>

#include "manifest/schema_text.h"
#include "manifest/suggest.h"

namespace podvisor::manifest {
namespace {

/// The words of kubectl for each kind, all in lower case.
struct KindWords {
  const char* kind;
  std::array<const char*, 3> words;
};

constexpr std::array kWords = {
    KindWords{"Pod", {"pod", "pods", "po"}},
    KindWords{"ConfigMap", {"configmap", "configmaps", "cm"}},
    KindWords{"Secret", {"secret", "secrets", "secrets"}},
    KindWords{"Namespace", {"namespace", "namespaces", "ns"}},
    KindWords{"Deployment", {"deployment", "deployments", "deploy"}},
    KindWords{"Service", {"service", "services", "svc"}},
};

constexpr std::size_t kWidth = 80;

std::string lower_cased(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// Without "[0]" and "[app.example/name]", as they stand in the paths of diagnostics.
std::vector<std::string> split_path(const std::string& path) {
  std::vector<std::string> parts(1);
  bool in_brackets = false;
  for (const char c : path) {
    if (c == '[') in_brackets = true;
    if (c == '.' && !in_brackets) {
      parts.emplace_back();
    } else if (!in_brackets) {
      parts.back() += c;
    }
    if (c == ']') in_brackets = false;
  }
  return parts;
}

const Kind* find_kind(const std::string& word) {
  const std::string lowered = lower_cased(word);
  for (const KindWords& known : kWords) {
    if (std::ranges::find(known.words, lowered) == known.words.end()) continue;
    for (const Kind& kind : all_kinds())
      if (std::string_view(kind.name) == known.kind) return &kind;
  }
  return nullptr;
}

tl::unexpected<Error> unknown_kind(const std::string& word) {
  std::vector<std::string> names;
  std::string all;
  for (const KindWords& known : kWords) {
    names.emplace_back(known.words[0]);
    names.emplace_back(known.words[1]);
    all += (all.empty() ? "" : ", ") + std::string(known.words[1]);
  }
  const std::string meant = nearest(word, names);
  return make_error("error: couldn't find a resource for \"" + word + "\"; " +
                    (meant.empty() ? "there are " + all : "did you mean \"" + meant + "\"?"));
}

tl::unexpected<Error> unknown_field(const std::string& name, const ObjectType& type) {
  std::vector<std::string> names;
  for (const Field& field : type.fields) names.emplace_back(field.name);
  const std::string meant = nearest(name, names);
  return make_error("error: field \"" + name + "\" does not exist in " + type.name +
                    (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"));
}

/// Case as in the table, or any where that is clear.
const Field* find_any_case(const ObjectType& type, const std::string& name) {
  if (const Field* exact = find_field(type, name)) return exact;
  for (const Field& field : type.fields)
    if (lower_cased(field.name) == lower_cased(name)) return &field;
  return nullptr;
}

/// In lines of kWidth, each `margin` in.
std::string wrapped(const std::string& text, std::size_t margin) {
  std::string out;
  std::string line;
  std::size_t start = 0;
  const auto flush = [&] {
    if (!line.empty()) out += std::string(margin, ' ') + line + "\n";
    line.clear();
  };
  while (start < text.size()) {
    const std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, end - start);
    if (!line.empty() && margin + line.size() + 1 + word.size() > kWidth) flush();
    line += (line.empty() ? "" : " ") + word;
    start = end + 1;
  }
  flush();
  return out;
}

std::string type_in_brackets(const Field& field) { return "<" + type_text(field) + ">"; }

/// What only podvisor can say: does it act on the field, and on which values.
std::string facts(const Field& field, std::size_t margin) {
  std::string out = wrapped("podvisor: " + support_text(field), margin);
  const std::string values = values_text(field);
  if (!values.empty()) out += wrapped("values: " + values, margin);
  return out;
}

std::string list_fields(const ObjectType& type) {
  std::string out;
  for (const Field& field : type.fields) {
    out += std::string("  ") + field.name + "\t" + type_in_brackets(field) +
           (field.required ? " -required-" : "") + "\n" + wrapped(field.meaning, 4) +
           facts(field, 4) + "\n";
  }
  return out;
}

/// The table has no cycle, so this ends.
void add_tree(const ObjectType& type, std::size_t margin, std::string& out) {
  for (const Field& field : type.fields) {
    out += std::string(margin, ' ') + field.name + "\t" + type_in_brackets(field) +
           (field.required ? " -required-" : "") +
           (field.support == Support::Supported ? "" : " (" + support_text(field) + ")") + "\n";
    if (field.object != nullptr) add_tree(*field.object, margin + 2, out);
  }
}

/// Annotations are not fields of their own; those that podvisor reads are in the table all the
/// same.
const ObjectType* below(const Field& field) {
  return std::string_view(field.name) == "annotations" ? &kAnnotationsType : field.object;
}

std::string page(const Kind& kind, const Field* field, const ObjectType* type, bool recursive) {
  const std::string version = kind.api_version;
  const std::size_t slash = version.find('/');
  std::string out;
  if (slash != std::string::npos) out += "GROUP:      " + version.substr(0, slash) + "\n";
  out += std::string("KIND:       ") + kind.name + "\n";
  out += "VERSION:    " + version.substr(slash == std::string::npos ? 0 : slash + 1) + "\n\n";
  if (field != nullptr) {
    out += std::string("FIELD: ") + field->name + " " + type_in_brackets(*field) +
           (field->required ? " -required-" : "") + "\n\n";
    out += "DESCRIPTION:\n" + wrapped(field->meaning, 4) + facts(*field, 4);
  } else {
    out += "DESCRIPTION:\n" + wrapped("podvisor: " + support_text(kind), 4);
  }
  if (type == nullptr) return out;
  out += "\nFIELDS:\n";
  if (!recursive) return out + list_fields(*type);
  add_tree(*type, 2, out);
  return out;
}

}  // namespace

Result<std::string> explain(const std::string& path, bool recursive) {
  std::vector<std::string> parts = split_path(path);
  const Kind* kind = find_kind(parts.front());
  if (kind == nullptr) return unknown_kind(parts.front());
  std::size_t next = 1;
  // kubectl's deployment.apps, and deployment.v1.apps.
  while (next < parts.size() && (parts[next] == "apps" || parts[next] == "v1")) ++next;
  const ObjectType* type = kind->type;
  const Field* field = nullptr;
  for (; next < parts.size(); ++next) {
    if (type == nullptr)
      return make_error("error: there is nothing below " + std::string(field->name) +
                        ", which is " + type_text(*field));
    field = find_any_case(*type, parts[next]);
    if (field == nullptr) return unknown_field(parts[next], *type);
    type = below(*field);
  }
  return page(*kind, field, type, recursive);
}

}  // namespace podvisor::manifest
