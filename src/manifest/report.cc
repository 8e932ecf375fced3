#include "manifest/report.h"

#include <algorithm>
#include <tuple>

#include "manifest/scalar.h"
#include "manifest/suggest.h"

namespace podvisor::manifest {
namespace {

/// More would bury the first ones; the rest comes after those are mended.
constexpr std::size_t kMaxDiagnostics = 100;

std::string join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : ", ") + word;
  return joined;
}

/// `shown_value` is in quotes.
std::string meant_by(const std::string& shown_value, const std::vector<std::string>& known) {
  const std::string meant = nearest(shown_value.substr(1, shown_value.size() - 2), known);
  return meant.empty() ? "" : "; did you mean \"" + meant + "\"?";
}

bool before(const Diagnostic& a, const Diagnostic& b) {
  return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
}

}  // namespace

bool Report::full() const { return diagnostics_.size() > kMaxDiagnostics; }

void Report::place(const std::string& field, int line, int column) {
  fields_.insert_or_assign(prefix_ + field, Location{file_, line, column});
}

void Report::error(const std::string& field, std::string message) {
  wrong_.insert(prefix_ + field);
  add(Diagnostic::Severity::Error, prefix_ + field, std::move(message));
}

void Report::warning(const std::string& field, std::string message) {
  add(Diagnostic::Severity::Warning, prefix_ + field, std::move(message));
}

void Report::ignored(const std::string& field, const std::string& reason) {
  ignored_[reason].push_back(prefix_ + field);
}

std::vector<Diagnostic> Report::take_diagnostics() {
  std::string all;
  std::string first;
  for (const auto& [reason, fields] : ignored_) {
    all += (all.empty() ? "" : "; ") + join(fields) + " (" + reason + ")";
    if (first.empty()) first = fields.front();
  }
  if (!all.empty()) warning(first, "kept, but podvisor does not act on: " + all);
  ignored_.clear();
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(), before);
  return std::move(diagnostics_);
}

void Report::add(Diagnostic::Severity severity, const std::string& field, std::string message) {
  if (full()) return;
  if (diagnostics_.size() == kMaxDiagnostics) message = "and more: mend those before this first";
  diagnostics_.push_back({severity, nearest_location(fields_, field), field, std::move(message)});
}

Location nearest_location(const std::map<std::string, Location>& fields, std::string field) {
  while (true) {
    const auto found = fields.find(field);
    if (found != fields.end()) return found->second;
    if (field.empty()) return {};
    const std::size_t end = field.find_last_of(".[");
    field.resize(end == std::string::npos ? 0 : end);
  }
}

std::string at(const std::string& list, std::size_t index) {
  return list + "[" + std::to_string(index) + "]";
}

std::string at(const std::string& map, const std::string& key) { return map + "[" + key + "]"; }

std::string invalid(const std::string& shown_value, const std::string& detail) {
  return "Invalid value: " + shown_value + ": " + detail;
}

std::string duplicate(const std::string& shown_value) { return "Duplicate value: " + shown_value; }

std::string not_found(const std::string& shown_value, const std::vector<std::string>& known) {
  return "Not found: " + shown_value + meant_by(shown_value, known);
}

std::string forbidden(const std::string& detail) { return "Forbidden: " + detail; }

std::string unsupported(const std::string& shown_value, std::vector<std::string> allowed,
                        const char* more) {
  std::sort(allowed.begin(), allowed.end());
  const std::string hint = meant_by(shown_value, allowed);
  for (std::string& value : allowed) value = show(nlohmann::json(value));
  return "Unsupported value: " + shown_value + ": supported values: " + join(allowed) + more + hint;
}

}  // namespace podvisor::manifest
