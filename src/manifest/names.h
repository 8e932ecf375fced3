// The grammars of names (kubernetes-semantics VAL-2). Each returns what is wrong with the text, in
// Kubernetes' words, or an empty string.
#pragma once

#include <string>
#include <string_view>

namespace podvisor::manifest {

/// ASCII only; <cctype> would follow the locale.
[[nodiscard]] std::string lower_cased(std::string text);

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
/// Relative, and no ".." element (VAL-15).
[[nodiscard]] std::string check_relative_path(std::string_view path);
/// The same, and not starting with "..", which is kept for what a volume needs itself (VAL-12).
[[nodiscard]] std::string check_item_path(std::string_view path);
/// A key of a ConfigMap or Secret.
[[nodiscard]] std::string check_config_key(std::string_view text);
/// A subdomain with underscores and perhaps a dot at its end, or "." (VAL-24).
[[nodiscard]] std::string check_search_domain(std::string_view text);

}  // namespace podvisor::manifest
