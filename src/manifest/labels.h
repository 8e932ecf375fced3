// Labels that are given by hand: on the command line, to the API.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "podvisor/result.h"

namespace podvisor::manifest {

/// What is wrong with the label, in Kubernetes' words; empty: nothing. Without a value only the key
/// is looked at.
[[nodiscard]] std::string check_label(const std::string& key,
                                      const std::optional<std::string>& value);

/// "a=b,c=d", as kubelet's --node-labels; the error names what is not a label.
[[nodiscard]] Result<std::map<std::string, std::string>> parse_labels(const std::string& text);

}  // namespace podvisor::manifest
