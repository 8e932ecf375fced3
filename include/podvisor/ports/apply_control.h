// Objects from whoever asks the API for them: read and checked as a manifest file is, then made, or
// put in the place of those of their name. Loop thread only.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace podvisor {

struct ApplyRequest {
  std::string kind;  ///< that the document must be of: "Pod", "ConfigMap", "Secret", "Service"
  std::string namespace_;  ///< … in that namespace
  std::string name;        ///< … of that name; empty: any
  std::string document;    ///< YAML or JSON, one object
  bool dry_run = false;    ///< say what would be; change nothing
};

struct ApplyOutcome {
  enum class Change : std::uint8_t { Created, Configured, Unchanged };
  Change change = Change::Unchanged;
  std::string name;
  std::string document;  ///< as accepted, with its defaults
  /// What comes of it, for a person: "a new pod beside the old one, …"; may be empty.
  std::string effect;
  std::vector<std::string> warnings;
};

/// Every error of the document, or of the host, in a sentence each.
using ApplyRefusal = std::vector<std::string>;

class ApplyControl {
 public:
  virtual ~ApplyControl() = default;
  [[nodiscard]] virtual tl::expected<ApplyOutcome, ApplyRefusal> apply(
      const ApplyRequest& request) = 0;
};

}  // namespace podvisor
