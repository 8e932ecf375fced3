// Manifests: YAML or JSON text to typed objects, with every error at file:line:column (VAL-1: all
// of them at once). Nothing here throws, starts or changes anything; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "podvisor/config_object.h"
#include "podvisor/deployment.h"
#include "podvisor/pod.h"
#include "podvisor/service.h"

namespace podvisor {

struct Location {
  std::string file;
  int line = 0;  ///< 1-based; 0: the file as a whole
  int column = 0;
  friend bool operator==(const Location&, const Location&) = default;
};

struct Diagnostic {
  enum class Severity : std::uint8_t { Warning, Error };
  Severity severity = Severity::Error;
  Location at;
  std::string field;      ///< "spec.containers[0].image"; empty: about the file or document
  std::string message;    ///< one line, in VAL-1's words
  bool secret = false;    ///< the line that it is about is not to be shown
  std::string excerpt{};  ///< that line, if it can be shown; without its end
};

struct LoadedPod {
  std::shared_ptr<const Pod> pod;
  std::map<std::string, Location> fields;  ///< "spec.containers[0].command" -> where
};

/// Declared, though nothing depends on it.
struct Namespace {
  ObjectMeta metadata;  ///< namespace_ is empty: it stands in none
};

template <typename T>
struct Loaded {
  std::shared_ptr<const T> object;
  Location at;  ///< of its name
};

/// What becomes of unknown and doubled fields (VAL-29).
enum class Validate : std::uint8_t { Strict, Warn, Ignore };

struct LoadOptions {
  NetworkMode default_network = NetworkMode::Bridge;  ///< for pods that do not say
  std::int64_t pids_limit = 0;                        ///< PodSpec::pids_limit
  Validate validate = Validate::Strict;
};

struct LoadResult {
  // Those without errors, in the order of the text.
  std::vector<LoadedPod> pods;
  std::vector<Loaded<ConfigObject>> configs;  ///< ConfigMaps and Secrets
  std::vector<Loaded<Deployment>> deployments;
  std::vector<Loaded<Service>> services;
  std::vector<Loaded<Namespace>> namespaces;
  std::vector<Diagnostic> diagnostics;
  [[nodiscard]] bool ok() const;           ///< no diagnostic is an error
  [[nodiscard]] std::size_t size() const;  ///< objects of all kinds
};

/// Bytes of one file; a longer one is one error.
inline constexpr std::size_t kMaxManifestBytes = std::size_t{3} << 20;

/// `file` is a name for the diagnostics; what has only a generateName gets its name from it, too.
[[nodiscard]] LoadResult load_text(std::string_view text, const std::string& file,
                                   const LoadOptions& options);
/// A file; or a directory: its *.yaml, *.yml and *.json in the order of their names, without
/// dot-files, not recursively; or "-": standard input.
[[nodiscard]] LoadResult load_path(const std::string& path, const LoadOptions& options);
/// All of them, or every error there is.
[[nodiscard]] LoadResult load_paths(const std::vector<std::string>& paths,
                                    const LoadOptions& options);

/// All of them in one, in their order. An object whose kind, namespace and name are taken becomes
/// an error that names both places.
[[nodiscard]] LoadResult merge(std::vector<LoadResult> parts);

/// Where a field is written, or else the nearest enclosing one that is.
[[nodiscard]] Location locate(const LoadedPod& loaded, const std::string& field);

[[nodiscard]] std::string to_string(const Location& location);  ///< file:line:column
/// file:line:column: field: message; "warning: " stands before the message of a warning.
[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);

}  // namespace podvisor
