// Which versions of which objects have been shown. A watch may begin with what the list before it
// had already said.
#pragma once

#include <map>
#include <string>

#include "cli/fields.h"

namespace podvisor::cli {

class Seen {
 public:
  /// True the first time that this version of this object is asked about.
  bool is_new(const Json& object) {
    const std::string version = raw_text(object, "metadata.resourceVersion");
    std::string& shown = versions_[raw_text(object, "metadata.uid")];
    if (!version.empty() && shown == version) return false;
    shown = version;
    return true;
  }

 private:
  std::map<std::string, std::string> versions_;
};

}  // namespace podvisor::cli
