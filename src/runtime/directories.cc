#include "runtime/directories.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "log/logger.h"

namespace podvisor {

Status make_private_directory(const std::string& path) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    if (mkdir(part.c_str(), 0700) != 0 && errno != EEXIST && errno != EISDIR)
      return errno_error("cannot make the directory " + part, errno);
  }
  return {};
}

bool remove_private_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) log_warning("cannot remove a directory", {{"path", path}, {"error", error.message()}});
  return !error;
}

void remove_pod_state_directory(const std::string& path) {
  const std::string pod = path + "/pod.json";
  if (unlink(pod.c_str()) != 0 && errno != ENOENT)
    return log_warning("cannot remove a file", {{"path", pod}, {"error", std::strerror(errno)}});
  remove_private_directory(path);
}

}  // namespace podvisor
