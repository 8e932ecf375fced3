#include <algorithm>
#include <exception>
#include <iterator>
#include <optional>
#include <utility>

#include "manifest/decode.h"
#include "manifest/defaults.h"
#include "manifest/excerpt.h"
#include "manifest/generated_name.h"
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

void place_top(const Node& document, Report& report) {
  report.place("", document.line, document.column);
  for (const char* key : {"kind", "items"}) {
    const Node* value = find(document, key);
    if (value != nullptr) report.place(key, value->line, value->column);
  }
}

std::string runnable_kinds() {
  std::string names;
  for (const Kind& kind : all_kinds()) {
    if (kind.type != nullptr) names += (names.empty() ? "" : ", ") + std::string(kind.name);
  }
  return names + ", List";
}

std::string refusal_of_kind(const std::string& name) {
  std::vector<std::string> names = {"List"};
  for (const Kind& kind : all_kinds()) {
    if (name == kind.name) {
      return "kind " + name + " is " + kNotYet + "; podvisor takes " + runnable_kinds();
    }
    names.emplace_back(kind.name);
  }
  const std::string meant = nearest(name, names);
  return "kind " + show(Json(name)) + " is unknown; " +
         (meant.empty() ? "podvisor takes " + runnable_kinds() : "did you mean " + meant + "?");
}

/// `List`, or what an API server calls the list of one of the kinds.
bool is_list(const std::string& name) {
  if (name == "List") return true;
  return std::ranges::any_of(all_kinds(), [&](const Kind& kind) {
    return kind.type != nullptr && name == std::string(kind.name) + "List";
  });
}

/// One text on its way to typed objects.
class Loader {
 public:
  Loader(const std::string& file, const LoadOptions& options)
      : file_(file), options_(options), names_(file) {}

  void document(Node& node) {
    if (node.kind != Node::Kind::Map) {
      return refuse(node, "",
                    "a manifest is a mapping with apiVersion, kind, metadata and spec, "
                    "not " +
                        show(node));
    }
    const std::string kind = text_of(node, "kind");
    if (is_list(kind)) return list(node);
    if (GeneratedNames::wanted(node)) names_.name(node);
    if (kind == "Pod") return pod(node);
    if (kind == "ConfigMap") return config_map(node);
    if (kind == "Secret") return secret(node);
    if (kind == "Namespace") return declared_namespace(node);
    if (kind == "Deployment") return deployment(node);
    if (kind == "Service") return service(node);
    refuse(node, "kind",
           kind.empty() ? "Required value: one of " + runnable_kinds() : refusal_of_kind(kind));
  }

  [[nodiscard]] LoadResult take() {
    std::vector<LoadResult> parts;
    parts.push_back(std::move(loaded_));
    return merge(std::move(parts));  // what it has twice
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

  void list(Node& node) {
    const auto found = std::ranges::find(node.entries, "items", &Entry::key);
    if (found == node.entries.end()) return refuse(node, "items", "Required value");
    if (found->value.kind != Node::Kind::Sequence) {
      return refuse(node, "items", invalid(show(found->value), "must be a list"));
    }
    for (Node& item : found->value.items) {
      // A list in a list has no meaning in Kubernetes, and would have no bound here.
      if (text_of(item, "kind").ends_with("List")) {
        refuse(item, "kind", "a List may not hold another list");
      } else {
        document(item);
      }
    }
  }

  /// Walks a document by its rows, then checks what needs more than one of them. Nothing when there
  /// was an error. `places` gets where its fields are written.
  template <typename Check>
  std::optional<Json> checked(const Node& node, const ObjectType& type, const Check& check,
                              std::map<std::string, Location>& places) {
    Report report(file_);
    report.place("", node.line, node.column);
    Walker walker(report, options_.validate);
    auto json = walker.object(node, type, "");
    if (json) check(*json, report);
    const bool good = json && !report.has_errors();
    keep(report);
    places = report.take_fields();
    return good ? std::move(json) : std::nullopt;
  }

  template <typename T>
  static Loaded<T> loaded(T object, const std::map<std::string, Location>& places) {
    return {std::make_shared<const T>(std::move(object)),
            nearest_location(places, "metadata.name")};
  }

  void pod(const Node& node) {
    LoadedPod loaded;
    const auto check = [&](Json& json, Report& report) {
      apply_defaults(json);
      validate_pod(json, report);
      validate_annotations(json, options_.validate, report);
    };
    const auto json = checked(node, kPodType, check, loaded.fields);
    if (!json) return;
    loaded.pod = std::make_shared<const Pod>(decode_pod(*json, options_));
    loaded_.pods.push_back(std::move(loaded));
  }

  void config_map(const Node& node) {
    std::map<std::string, Location> places;
    const auto json = checked(node, kConfigMapType, validate_config_map, places);
    if (json) loaded_.configs.push_back(loaded(decode_config_map(*json), places));
  }

  void secret(const Node& node) {
    std::map<std::string, Location> places;
    const std::size_t before = loaded_.diagnostics.size();
    const auto json = checked(node, kSecretType, validate_secret, places);
    for (std::size_t i = before; i < loaded_.diagnostics.size(); ++i) {
      loaded_.diagnostics[i].secret = true;
    }
    if (json) loaded_.configs.push_back(loaded(decode_secret(*json), places));
  }

  void declared_namespace(const Node& node) {
    std::map<std::string, Location> places;
    const auto json = checked(node, kNamespaceType, validate_namespace, places);
    if (json) loaded_.namespaces.push_back(loaded(decode_namespace(*json), places));
  }

  void deployment(const Node& node) {
    std::map<std::string, Location> places;
    const auto check = [&](Json& json, Report& report) {
      apply_deployment_defaults(json);
      validate_deployment(json, options_.validate, report);
    };
    const auto json = checked(node, kDeploymentType, check, places);
    if (json) loaded_.deployments.push_back(loaded(decode_deployment(*json, options_), places));
  }

  void service(const Node& node) {
    std::map<std::string, Location> places;
    const auto check = [&](const Json& json, Report& report) {
      validate_service(json, report);
      validate_service_annotations(json, options_.validate, report);
    };
    const auto json = checked(node, kServiceType, check, places);
    if (json) loaded_.services.push_back(loaded(decode_service(*json), places));
  }

  const std::string& file_;
  const LoadOptions& options_;
  GeneratedNames names_;
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
  for (Node& document : tree.documents) loader.document(document);
  LoadResult result = loader.take();
  if (tree.documents.empty() && tree.diagnostics.empty()) {
    result.diagnostics.push_back(whole_file(file, "nothing in it: it has no document"));
  }
  std::move(tree.diagnostics.begin(), tree.diagnostics.end(),
            std::back_inserter(result.diagnostics));
  shorten(result.diagnostics, file);
  add_excerpts(text, result.diagnostics);
  return result;
}

}  // namespace
}  // namespace manifest

LoadResult load_text(std::string_view text, const std::string& file, const LoadOptions& options) {
  try {
    return manifest::load_checked(text, file, options);
  } catch (const std::exception& error) {
    return manifest::failed(
        manifest::whole_file(file, std::string("cannot be loaded: ") + error.what()));
  }
}

}  // namespace podvisor
