// The grammars of names (kubernetes-semantics VAL-2). Each returns what is wrong with the text, in
// Kubernetes' words, or an empty string.
#pragma once

#include <string>
#include <string_view>

namespace podvisor::manifest {

[[nodiscard]] std::string check_dns_label(std::string_view text);
[[nodiscard]] std::string check_dns_subdomain(std::string_view text);
[[nodiscard]] std::string check_port_name(std::string_view text);
[[nodiscard]] std::string check_env_name(std::string_view text);
[[nodiscard]] std::string check_header_name(std::string_view text);
[[nodiscard]] std::string check_qualified_name(std::string_view text);
[[nodiscard]] std::string check_label_value(std::string_view text);
[[nodiscard]] std::string check_ip(std::string_view text);
/// No ".." element; absoluteness is not asked for (VAL-12).
[[nodiscard]] std::string check_backsteps(std::string_view path);

}  // namespace podvisor::manifest
