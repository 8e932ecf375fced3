#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "manifest/decode.h"
#include "manifest/defaults.h"
#include "manifest/json_access.h"
#include "manifest/manifest.h"
#include "manifest/report.h"
#include "manifest/scalar.h"
#include "manifest/schema.h"
#include "manifest/suggest.h"
#include "manifest/text_check.h"
#include "manifest/validate.h"
#include "manifest/walker.h"
#include "manifest/yaml_tree.h"

namespace podvisor {
namespace manifest {
namespace {

/// The text of a scalar entry; empty when there is none.
std::string scalar(const Node& map, std::string_view key) {
  const Node* node = find(map, key);
  return node != nullptr && node->kind == Node::Kind::Scalar ? node->text : std::string();
}

void place_top(const Node& document, Report& report) {
  report.place("", document.line, document.column);
  for (const char* key : {"kind", "items"}) {
    const Node* value = find(document, key);
    if (value != nullptr) report.place(key, value->line, value->column);
  }
}

std::string refusal_of_kind(const std::string& name) {
  std::vector<std::string> names = {"List"};
  for (const Kind& kind : all_kinds()) {
    if (name == kind.name) {
      return "kind " + name + " is " + kNotYet + "; podvisor runs Pod";
    }
    names.emplace_back(kind.name);
  }
  const std::string meant = nearest(name, names);
  return "kind " + show(Json(name)) + " is unknown; " +
         (meant.empty() ? "podvisor runs Pod" : "did you mean " + meant + "?");
}

/// One text on its way to pods.
class Loader {
 public:
  Loader(const std::string& file, const LoadOptions& options) : file_(file), options_(options) {}

  void document(const Node& node) {
    if (node.kind != Node::Kind::Map) {
      return refuse(node, "",
                    "a manifest is a mapping with apiVersion, kind, metadata and spec, "
                    "not " +
                        show(node));
    }
    const std::string kind = scalar(node, "kind");
    if (kind == "List" || kind == "PodList") return list(node);
    if (kind == "Pod") return pod(node);
    refuse(node, "kind",
           kind.empty() ? "Required value: podvisor runs kind Pod" : refusal_of_kind(kind));
  }

  [[nodiscard]] LoadResult take() {
    LoadResult result;
    append(result, std::move(loaded_));
    return result;
  }

 private:
  void refuse(const Node& node, const std::string& field, std::string message) {
    Report report(file_);
    place_top(node, report);
    report.error(field, std::move(message));
    keep(report);
  }

  void keep(Report& report) {
    auto diagnostics = report.take_diagnostics();
    std::move(diagnostics.begin(), diagnostics.end(), std::back_inserter(loaded_.diagnostics));
  }

  void list(const Node& node) {
    const Node* items = find(node, "items");
    if (items == nullptr || items->kind != Node::Kind::Sequence) {
      return refuse(node, "items",
                    items == nullptr ? "Required value" : invalid(show(*items), "must be a list"));
    }
    for (const Node& item : items->items) {
      // A list in a list has no meaning in Kubernetes, and would have no bound here.
      if (scalar(item, "kind").ends_with("List")) {
        refuse(item, "kind", "a List may not hold another list");
      } else {
        document(item);
      }
    }
  }

  void pod(const Node& node) {
    Report report(file_);
    report.place("", node.line, node.column);
    Walker walker(report, options_.validate);
    auto json = walker.object(node, kPodType, "");
    if (json) {
      apply_defaults(*json);
      validate_pod(*json, report);
      validate_annotations(*json, options_.validate, report);
    }
    const bool good = json && !report.has_errors();
    keep(report);
    if (!good) return;
    auto decoded = std::make_shared<const Pod>(decode_pod(*json, options_));
    loaded_.pods.push_back({std::move(decoded), report.take_fields()});
  }

  const std::string& file_;
  const LoadOptions& options_;
  LoadResult loaded_;
};

LoadResult failed(Diagnostic diagnostic) {
  LoadResult result;
  result.diagnostics.push_back(std::move(diagnostic));
  return result;
}

bool is_error(const Diagnostic& diagnostic) {
  return diagnostic.severity == Diagnostic::Severity::Error;
}

Diagnostic whole_file(const std::string& file, std::string message) {
  return {Diagnostic::Severity::Error, {file, 0, 0}, "", std::move(message)};
}

/// A hostile file of many small wrong documents is answered shortly too.
constexpr std::size_t kMaxDiagnosticsOfFile = 1000;

void shorten(std::vector<Diagnostic>& diagnostics, const std::string& file) {
  if (diagnostics.size() <= kMaxDiagnosticsOfFile) return;
  const auto rest = diagnostics.begin() + kMaxDiagnosticsOfFile;
  const bool error = std::any_of(rest, diagnostics.end(), is_error);
  const auto count = std::distance(rest, diagnostics.end());
  diagnostics.erase(rest, diagnostics.end());
  Diagnostic more = whole_file(file, "and " + std::to_string(count) + " more");
  if (!error) more.severity = Diagnostic::Severity::Warning;
  diagnostics.push_back(std::move(more));
}

LoadResult load_checked(std::string_view text, const std::string& file,
                        const LoadOptions& options) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (auto wrong = check_text(text, file)) return failed(std::move(*wrong));
  Tree tree = parse_tree(join_surrogates(text), file);
  Loader loader(file, options);
  for (const Node& document : tree.documents) loader.document(document);
  LoadResult result = loader.take();
  if (tree.documents.empty() && tree.diagnostics.empty()) {
    result.diagnostics.push_back(whole_file(file, "no Pod in it: it has no document"));
  }
  std::move(tree.diagnostics.begin(), tree.diagnostics.end(),
            std::back_inserter(result.diagnostics));
  shorten(result.diagnostics, file);
  return result;
}

Location name_at(const LoadedPod& loaded) { return locate(loaded, "metadata.name"); }

std::pair<std::string, std::string> key_of(const LoadedPod& loaded) {
  return {loaded.pod->metadata.namespace_, loaded.pod->metadata.name};
}

Diagnostic doubled_pod(const LoadedPod& loaded, const Location& first) {
  const auto [namespace_, name] = key_of(loaded);
  return {Diagnostic::Severity::Error, name_at(loaded), "metadata.name",
          duplicate(show(Json(namespace_ + "/" + name))) + ": this pod is already at " +
              to_string(first)};
}

}  // namespace
}  // namespace manifest

bool LoadResult::ok() const {
  return std::none_of(diagnostics.begin(), diagnostics.end(), manifest::is_error);
}

LoadResult load_text(std::string_view text, const std::string& file, const LoadOptions& options) {
  try {
    return manifest::load_checked(text, file, options);
  } catch (const std::exception& error) {
    return manifest::failed(
        manifest::whole_file(file, std::string("cannot be loaded: ") + error.what()));
  }
}

void append(LoadResult& all, LoadResult more) {
  std::move(more.diagnostics.begin(), more.diagnostics.end(), std::back_inserter(all.diagnostics));
  std::map<std::pair<std::string, std::string>, Location> taken;
  for (const LoadedPod& loaded : all.pods)
    taken.emplace(manifest::key_of(loaded), manifest::name_at(loaded));
  for (LoadedPod& loaded : more.pods) {
    const auto [same, added] = taken.emplace(manifest::key_of(loaded), manifest::name_at(loaded));
    if (added) {
      all.pods.push_back(std::move(loaded));
    } else {
      all.diagnostics.push_back(manifest::doubled_pod(loaded, same->second));
    }
  }
}

Location locate(const LoadedPod& loaded, const std::string& field) {
  return manifest::nearest_location(loaded.fields, field);
}

std::string to_string(const Location& location) {
  if (location.line == 0) return location.file;
  return location.file + ":" + std::to_string(location.line) + ":" +
         std::to_string(location.column);
}

std::string to_string(const Diagnostic& diagnostic) {
  std::string text = to_string(diagnostic.at) + ": ";
  if (!diagnostic.field.empty()) text += diagnostic.field + ": ";
  if (diagnostic.severity == Diagnostic::Severity::Warning) text += "warning: ";
  return text + diagnostic.message;
}

}  // namespace podvisor
