// The file into which a container writes what it has to say about its end (MSG-1 … MSG-3). What
// containers write is hostile: every read is bounded, and nothing but a regular file is read.
#pragma once

#include <string>
#include <string_view>

#include "podvisor/result.h"

namespace podvisor {

inline constexpr std::size_t kMaxTerminationMessage = 4096;  ///< MSG-2
inline constexpr std::size_t kMaxLogMessage = 2048;          ///< MSG-3
inline constexpr std::size_t kMaxLogMessageLines = 80;

/// Of one run of a container, in a directory that is private. Pure.
[[nodiscard]] std::string termination_log_path(const std::string& directory,
                                               const std::string& container, int instance);
/// A new, empty file of mode 0666 there; its path.
[[nodiscard]] Result<std::string> make_termination_log(const std::string& directory,
                                                       const std::string& container, int instance);

/// The last bytes of the file. Empty when there is nothing that can be read.
[[nodiscard]] std::string read_termination_message(const std::string& path);

/// The end of a container's log without its CRI prefixes. Empty when there is no log.
[[nodiscard]] std::string log_message(const std::string& log_file);

/// The same of the end of such a file. Its first line may be cut. Pure.
[[nodiscard]] std::string log_message_in(std::string_view entries);

}  // namespace podvisor
