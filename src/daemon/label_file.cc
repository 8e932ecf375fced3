#include "daemon/label_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

Result<std::string> read_all(int fd, const std::string& path) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() <= kMaxBytes) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read " + path, errno);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return make_error(path + " is larger than any that podvisor writes");
}

Status write_all(int fd, const std::string& text, const std::string& path) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(fd, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno_error("write " + path, errno);
    done += static_cast<std::size_t>(wrote);
  }
  if (::fsync(fd) != 0) return errno_error("fsync " + path, errno);
  return {};
}

Status sync_directory(const std::string& directory) {
  const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return errno_error("fsync " + directory, errno);
  return {};
}

}  // namespace

Result<LabelChanges> read_label_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ENOENT) return LabelChanges{};
  if (!fd) return errno_error("open " + path, errno);
  const auto text = read_all(fd.get(), path);
  if (!text) return tl::unexpected(text.error());
  const nlohmann::json json = nlohmann::json::parse(*text, nullptr, false);
  LabelChanges changes;
  if (!json.is_object()) return make_error(path + " is not a JSON object; mend it or remove it");
  for (const auto& [key, value] : json.items()) {
    if (value.is_string())
      changes.emplace(key, value.get<std::string>());
    else if (value.is_null())
      changes.emplace(key, std::nullopt);
    else
      return make_error(path + ": " + key + " is neither a text nor null; mend it or remove it");
  }
  return changes;
}

Status write_label_file(const std::string& path, const LabelChanges& changes) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [key, value] : changes)
    json[key] = value ? nlohmann::json(*value) : nlohmann::json();
  const std::string fresh = path + ".new";
  const std::string directory = std::filesystem::path(path).parent_path();
  // What is left of an attempt that was cut short is in the way, and nobody's.
  if (::unlink(fresh.c_str()) != 0 && errno != ENOENT) return errno_error("unlink " + fresh, errno);
  if (changes.empty()) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return errno_error("unlink " + path, errno);
    return sync_directory(directory);
  }
  Fd fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return errno_error("create " + fresh, errno);
  if (Status written = write_all(fd.get(), json.dump(2) + "\n", fresh); !written) return written;
  if (::rename(fresh.c_str(), path.c_str()) != 0) return errno_error("rename " + fresh, errno);
  return sync_directory(directory);
}

}  // namespace podvisor
