// Holds what the API says against what the kernel says and against what is wanted. It has neither
// podvisor's code nor its opinion: each sentence that it returns is something that is not so.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "chaos/kernel_view.h"

namespace podvisor {

/// What is wanted of one member of the cast once everything has come to rest.
struct Expected {
  std::string name;        ///< the label "cast"
  int pods = 1;            ///< how many; 0: it was removed
  std::set<int> versions;  ///< any of these
  enum class End { No, Maybe, Succeeded, Failed } end = End::No;
  int host_port = 0;
};

/// GET on the API's Unix socket; null when nobody answers with 200 within a second.
[[nodiscard]] nlohmann::json ask_api(const std::string& socket, const std::string& path);

/// `pods` are the API's items.
[[nodiscard]] std::vector<std::string> check_wanted(const nlohmann::json& pods,
                                                    const std::vector<Expected>& expected);
/// Every pod of the API is in the kernel as the API says, and nothing else is.
[[nodiscard]] std::vector<std::string> check_kernel(const nlohmann::json& pods,
                                                    const KernelView& kernel, pid_t podvisor);
/// Exactly these ports are listened on, each by the one door.
[[nodiscard]] std::vector<std::string> check_ports(const std::set<std::uint16_t>& ports,
                                                   const KernelView& kernel);

/// Containers' statuses of a pod, of all roles.
[[nodiscard]] std::vector<nlohmann::json> statuses_of(const nlohmann::json& pod);

}  // namespace podvisor
