#include "runtime/oci/bundle.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>

#include "runtime/directories.h"

namespace podvisor {
namespace {

constexpr std::size_t kMaxLog = 64UL * 1024;

/// "" when it cannot be read.
std::string read_start(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  std::string text;
  std::array<char, 4096> block{};
  for (ssize_t size = 0; text.size() < kMaxLog && file &&
                         (size = ::read(file.get(), block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<std::size_t>(size));
  return text;
}

Status write_file(const std::string& path, const std::string& text) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return errno_error("cannot write " + path, errno);
  return {};
}

/// Of the kind of what will be mounted on it.
Status make_mount_point(const std::string& path, int tree) {
  struct stat facts {};
  if (::fstat(tree, &facts) != 0) return errno_error("cannot read a volume's type", errno);
  if (!S_ISDIR(facts.st_mode)) return write_file(path, "");
  if (::mkdir(path.c_str(), 0700) != 0) return errno_error("cannot make " + path, errno);
  return {};
}

}  // namespace

Result<Bundle> Bundle::make(const std::string& directory, std::string id, Fd rootfs,
                            std::vector<Volume> volumes, OciContainer container) {
  remove_private_directory(directory);
  Bundle bundle(directory, std::move(id));
  for (const char* name : {"", "/rootfs", "/mounts"})
    if (Status made = make_private_directory(directory + name); !made)
      return tl::unexpected(made.error());
  container.rootfs = directory + "/rootfs";
  bundle.mounts_.push_back({std::move(rootfs), container.rootfs});
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    OciMount& mount = volumes[i].mount;
    mount.source = directory + "/mounts/" + std::to_string(i);
    if (Status made = make_mount_point(mount.source, volumes[i].tree.get()); !made)
      return tl::unexpected(made.error());
    bundle.mounts_.push_back({std::move(volumes[i].tree), mount.source});
    container.mounts.push_back(std::move(mount));
  }
  if (Status written = write_file(directory + "/config.json", oci_config(container)); !written)
    return tl::unexpected(written.error());
  return bundle;
}

std::vector<std::string> Bundle::run_command(const std::string& runtime,
                                             const std::string& state_root,
                                             const std::string& console) const {
  std::vector<std::string> argv{
      runtime, "--root",   state_root, "--log",    directory_ + "/log", "--log-format",     "json",
      "run",   "--detach", "--bundle", directory_, "--pid-file",        directory_ + "/pid"};
  if (!console.empty()) argv.insert(argv.end(), {"--console-socket", console});
  argv.push_back(id_);
  return argv;
}

std::vector<std::string> Bundle::delete_command(const std::string& runtime,
                                                const std::string& state_root) const {
  return {runtime, "--root", state_root, "delete", "--force", id_};
}

Result<pid_t> Bundle::read_pid() const {
  const std::string text = read_start(directory_ + "/pid");
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (error != std::errc{} || pid <= 1) return make_error("the OCI runtime did not say the pid");
  return pid;
}

std::string Bundle::failure() const {
  const std::string error = last_logged_error(read_start(directory_ + "/log"));
  return error.empty() ? "the OCI runtime failed without a reason" : error;
}

void Bundle::remove() const { remove_private_directory(directory_); }

std::string last_logged_error(const std::string& log) {
  std::istringstream lines(log);
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.contains("msg") && json["msg"].is_string() &&
        json.value("level", "") == "error")
      found = json["msg"].get<std::string>();
  }
  return found;
}

}  // namespace podvisor
