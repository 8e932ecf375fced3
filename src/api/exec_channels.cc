#include "api/exec_channels.h"

#include "api/status_json.h"

namespace podvisor {
namespace {

constexpr std::string_view kKnown[] = {"v5.channel.k8s.io", "v4.channel.k8s.io"};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

std::uint16_t side(const Json& size, const char* name) {
  const auto found = size.find(name);
  if (found == size.end() || !found->is_number_unsigned()) return 0;
  const auto number = found->get<std::uint64_t>();
  return number <= 0xFFFF ? static_cast<std::uint16_t>(number) : 0;
}

Json ended_with(int exit_code) {
  const std::string code = std::to_string(exit_code);
  Json cause{{"reason", "ExitCode"}, {"message", code}};
  return {{"metadata", Json::object()},
          {"status", "Failure"},
          {"message", "command terminated with non-zero exit code: exit code " + code},
          {"reason", "NonZeroExitCode"},
          {"details", {{"causes", Json::array({std::move(cause)})}}}};
}

}  // namespace

std::string choose_protocol(std::string_view offered) {
  while (!offered.empty()) {
    const std::size_t comma = offered.find(',');
    const std::string_view each = trimmed(offered.substr(0, comma));
    for (const std::string_view known : kKnown)
      if (each == known) return std::string(known);
    offered.remove_prefix(comma == std::string_view::npos ? offered.size() : comma + 1);
  }
  return {};
}

std::string channel_message(ExecChannel channel, std::string_view data) {
  std::string message(1, static_cast<char>(channel));
  return message.append(data);
}

std::optional<TerminalSize> parse_resize(std::string_view text) {
  const Json size = Json::parse(text, nullptr, false);
  if (!size.is_object()) return std::nullopt;
  return TerminalSize{side(size, "Width"), side(size, "Height")};
}

Json exec_status(const ExecOutcome& outcome) {
  if (outcome.error)
    return status_json(
        {500, "InternalError", "Internal error occurred: " + outcome.error->message, {}, {}});
  if (outcome.exit_code != 0) return ended_with(outcome.exit_code);
  return {{"metadata", Json::object()}, {"status", "Success"}};
}

}  // namespace podvisor
