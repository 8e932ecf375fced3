#include "cli/row.h"

#include "cli/text.h"

namespace podvisor::cli {

std::vector<std::string> with_common(const Json& object, RowColumns columns,
                                     std::vector<std::string> cells) {
  if (columns.namespaces) cells.insert(cells.begin(), text(object, "metadata.namespace"));
  if (columns.labels) cells.push_back(label_text(object));
  return cells;
}

std::vector<std::string> common_header(RowColumns columns, std::vector<std::string> cells) {
  if (columns.namespaces) cells.insert(cells.begin(), "NAMESPACE");
  if (columns.labels) cells.emplace_back("LABELS");
  return cells;
}

std::string age_of(const Json& object, WallTime now) {
  return age(raw_text(object, "metadata.creationTimestamp"), now);
}

std::string label_text(const Json& object) {
  std::string labels;
  for (const auto& [key, value] : field(object, "metadata.labels").items())
    labels += (labels.empty() ? "" : ",") + printable(key) + "=" + text(value, "");
  return labels.empty() ? "<none>" : labels;
}

}  // namespace podvisor::cli
