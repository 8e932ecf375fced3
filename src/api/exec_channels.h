// What goes over the channels of an exec's WebSocket. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/json.h"
#include "podvisor/exec_channel.h"
#include "podvisor/ports/exec_streams.h"

namespace podvisor {

/// The first of those that a client offers ("v5.channel.k8s.io, v4.channel.k8s.io") that is known
/// here; empty: none.
[[nodiscard]] std::string choose_protocol(std::string_view offered);

[[nodiscard]] std::string channel_message(ExecChannel channel, std::string_view data);
[[nodiscard]] std::optional<TerminalSize> parse_resize(std::string_view text);
/// As kubelet says it.
[[nodiscard]] Json exec_status(const ExecOutcome& outcome);

}  // namespace podvisor
