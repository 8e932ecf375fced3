// A scraped page, taken apart the way Prometheus does.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace podvisor::metrics_test {

struct PageFamily {
  std::string type;
  std::string help;
  std::set<std::string> labels;  ///< every label name of its samples, but a histogram's le
};

struct Page {
  std::map<std::string, PageFamily> families;
  std::vector<std::string> names;              ///< in the page's order
  std::map<std::string, std::string> samples;  ///< "name{labels}" -> value
};

[[nodiscard]] Page parse_page(const std::string& text);

}  // namespace podvisor::metrics_test
