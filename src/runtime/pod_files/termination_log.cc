#include "runtime/pod_files/termination_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "log/cri_line.h"
#include "podvisor/fd.h"

namespace podvisor {
namespace {

/// The last kMaxLogMessage bytes are in there even if each byte were an entry of its own.
constexpr std::size_t kLogTail = kMaxLogMessage * 64;

std::string read_end(const std::string& path, std::size_t limit) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) < 0 || !S_ISREG(facts.st_mode)) return {};
  std::string text(std::min(limit, static_cast<std::size_t>(facts.st_size)), '\0');
  const off_t begin = facts.st_size - static_cast<off_t>(text.size());
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t size = ::pread(file.get(), text.data() + filled, text.size() - filled,
                                 begin + static_cast<off_t>(filled));
    if (size <= 0) break;
    filled += static_cast<std::size_t>(size);
  }
  text.resize(filled);
  return text;
}

/// Content of each entry, with a newline where the entry ends its line.
std::vector<std::string> lines_of(std::string_view entries) {
  std::vector<std::string> lines;
  bool begins = true;
  while (!entries.empty()) {
    const std::size_t end = std::min(entries.find('\n'), entries.size());
    const std::string_view entry = entries.substr(0, end);
    entries.remove_prefix(std::min(end + 1, entries.size()));
    const auto header = parse_cri_header(entry);
    if (!header) continue;  // the first one, cut by where the reading began
    if (begins) lines.emplace_back();
    lines.back() += entry.substr(header->size);
    if (header->full) lines.back() += '\n';
    begins = header->full;
  }
  return lines;
}

}  // namespace

std::string termination_log_path(const std::string& directory, const std::string& container,
                                 int instance) {
  return directory + "/termination-log." + container + "." + std::to_string(instance);
}

Result<std::string> make_termination_log(const std::string& directory, const std::string& container,
                                         int instance) {
  const std::string path = termination_log_path(directory, container, instance);
  ::unlink(path.c_str());
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file || ::fchmod(file.get(), 0666) < 0) return errno_error("making the file " + path, errno);
  return path;
}

std::string read_termination_message(const std::string& path) {
  return read_end(path, kMaxTerminationMessage);
}

std::string log_message(const std::string& log_file) {
  return log_message_in(read_end(log_file, kLogTail));
}

std::string log_message_in(std::string_view entries) {
  const std::vector<std::string> lines = lines_of(entries);
  const std::size_t first = lines.size() - std::min(lines.size(), kMaxLogMessageLines);
  std::string message;
  for (std::size_t i = first; i < lines.size(); ++i) message += lines[i];
  return message.substr(message.size() - std::min(message.size(), kMaxLogMessage));
}

}  // namespace podvisor
