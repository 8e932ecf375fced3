// Masquerading by nft(8): rules as text on its standard input. Own table, named after the bridge.
#pragma once

#include <string>

#include "network/ipv4.h"
#include "podvisor/result.h"

namespace podvisor {

/// Makes the table anew in one transaction, whatever was there. Pure.
[[nodiscard]] std::string masquerade_rules(const std::string& bridge, const Ipv4Cidr& pods);
/// Removes the table; no error where there is none. Pure.
[[nodiscard]] std::string masquerade_removal(const std::string& bridge);

/// Whether `nft` (a path, or a name looked for in PATH) can be run.
[[nodiscard]] Status find_nft(const std::string& nft);
/// `nft -f -` in this thread's network namespace; returns when it has ended, some 10 ms later. The
/// error has what nft said.
[[nodiscard]] Status run_nft(const std::string& nft, const std::string& rules);

}  // namespace podvisor
