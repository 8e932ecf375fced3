#include "page.h"

#include <regex>
#include <sstream>

namespace podvisor::metrics_test {
namespace {

// "# TYPE name rest"
void parse_comment(const std::string& line, Page& page) {
  std::istringstream words(line);
  std::string hash, kind, name, rest;
  words >> hash >> kind >> name >> std::ws;
  std::getline(words, rest);
  if (!page.families.contains(name)) page.names.push_back(name);
  (kind == "TYPE" ? page.families[name].type : page.families[name].help) = rest;
}

std::string family_of(const std::string& sample, const Page& page) {
  for (const std::string suffix : {"_bucket", "_sum", "_count"}) {
    if (!sample.ends_with(suffix)) continue;
    const auto name = sample.substr(0, sample.size() - suffix.size());
    if (page.families.contains(name)) return name;
  }
  return sample;
}

}  // namespace

Page parse_page(const std::string& text) {
  static const std::regex kLabel(R"re(([a-z_]+)="(?:[^"\\]|\\.)*")re");
  Page page;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) {
      parse_comment(line, page);
      continue;
    }
    const auto space = line.rfind(' ');
    page.samples[line.substr(0, space)] = line.substr(space + 1);
    auto& family = page.families[family_of(line.substr(0, line.find_first_of("{ ")), page)];
    for (std::sregex_iterator label(line.begin(), line.end(), kLabel), end; label != end; ++label) {
      if ((*label)[1] != "le") family.labels.insert((*label)[1]);
    }
  }
  return page;
}

}  // namespace podvisor::metrics_test
