// Collects what is wrong with one pod, and where each of its fields is written. Rules speak of
// fields by their path ("spec.containers[0].image"); the place is found here.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "manifest/manifest.h"

namespace podvisor::manifest {

class Report {
 public:
  explicit Report(std::string file) : file_(std::move(file)) {}

  /// While one lives, fields are named from `path` on: the rules of a pod hold for the pod of a
  /// template as well.
  class Below {
   public:
    Below(Report& report, const std::string& path) : report_(report) {
      report.prefix_ = path + ".";
    }
    ~Below() { report_.prefix_.clear(); }
    Below(const Below&) = delete;
    Below& operator=(const Below&) = delete;

   private:
    Report& report_;
  };

  void place(const std::string& field, int line, int column);
  void error(const std::string& field, std::string message);
  void warning(const std::string& field, std::string message);
  /// A field that is kept but not acted on. All of a manifest become one warning (VAL-29).
  void ignored(const std::string& field, const std::string& reason);

  [[nodiscard]] bool has_errors() const { return !wrong_.empty(); }
  /// An error names exactly this field: where it is absent now, it was not left out.
  [[nodiscard]] bool is_wrong(const std::string& field) const {
    return wrong_.contains(prefix_ + field);
  }
  /// Nothing more is kept: hostile texts have more errors than is worth the work of wording them.
  [[nodiscard]] bool full() const;
  [[nodiscard]] const std::map<std::string, Location>& fields() const { return fields_; }
  [[nodiscard]] std::map<std::string, Location> take_fields() { return std::move(fields_); }
  /// In the order of the text.
  [[nodiscard]] std::vector<Diagnostic> take_diagnostics();

 private:
  void add(Diagnostic::Severity severity, const std::string& field, std::string message);

  std::string file_;
  std::string prefix_;
  std::map<std::string, Location> fields_;
  std::vector<Diagnostic> diagnostics_;
  std::map<std::string, std::vector<std::string>> ignored_;  ///< reason -> fields
  std::set<std::string> wrong_;
};

/// fields[field], or the nearest enclosing field's, or the document's ("").
[[nodiscard]] Location nearest_location(const std::map<std::string, Location>& fields,
                                        std::string field);

/// "spec.containers[3]"
[[nodiscard]] std::string at(const std::string& list, std::size_t index);
/// "metadata.annotations[podvisor.io/network]": keys of maps may have dots.
[[nodiscard]] std::string at(const std::string& map, const std::string& key);

/// VAL-1's words.
[[nodiscard]] std::string invalid(const std::string& shown_value, const std::string& detail);
[[nodiscard]] std::string duplicate(const std::string& shown_value);
/// `known`: what there is; a word that was nearly met is named at the end.
[[nodiscard]] std::string not_found(const std::string& shown_value,
                                    const std::vector<std::string>& known = {});
[[nodiscard]] std::string forbidden(const std::string& detail);
/// `allowed` is sorted for the message, `more` stands after it; a word that was nearly met is named
/// at the end.
[[nodiscard]] std::string unsupported(const std::string& shown_value,
                                      std::vector<std::string> allowed, const char* more = "");

}  // namespace podvisor::manifest
