#include "network/nft.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sstream>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

// What is kept of nft's complaints; it repeats the offending lines.
constexpr std::size_t kMaxOutput = 2048;

std::string table_name(const std::string& bridge) { return "podvisor-" + bridge; }

Result<Fd> make_memory_file(const char* name, const std::string& content) {
  Fd file(memfd_create(name, MFD_CLOEXEC));
  if (!file) return errno_error("cannot make a memory file for nft", errno);
  if (pwrite(file.get(), content.data(), content.size(), 0) !=
      static_cast<ssize_t>(content.size())) {
    return errno_error("cannot write rules for nft", errno);
  }
  return file;
}

std::string read_output(const Fd& file) {
  std::array<char, kMaxOutput> text{};
  const ssize_t size = pread(file.get(), text.data(), text.size(), 0);
  std::string output(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

// The child starts with no signal blocked or ignored, whatever the loop's thread does with them.
struct SpawnAttributes {
  SpawnAttributes() {
    posix_spawnattr_init(&value);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&value, &none);
    posix_spawnattr_setsigdefault(&value, &all);
    posix_spawnattr_setflags(&value, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&value); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  posix_spawnattr_t value{};
};

struct SpawnFiles {
  SpawnFiles(int input, int output) {
    posix_spawn_file_actions_init(&value);
    posix_spawn_file_actions_adddup2(&value, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&value, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&value, output, STDERR_FILENO);
  }
  ~SpawnFiles() { posix_spawn_file_actions_destroy(&value); }
  SpawnFiles(const SpawnFiles&) = delete;
  SpawnFiles& operator=(const SpawnFiles&) = delete;
  posix_spawn_file_actions_t value{};
};

Result<pid_t> spawn_nft(const std::string& nft, const Fd& input, const Fd& output) {
  const SpawnFiles files(input.get(), output.get());
  const SpawnAttributes attributes;
  std::string name = "nft", option = "-f", file = "-", locale = "LC_ALL=C";
  std::array<char*, 4> argv{name.data(), option.data(), file.data(), nullptr};
  std::array<char*, 2> environment{locale.data(), nullptr};
  pid_t pid = 0;
  const int code = posix_spawnp(&pid, nft.c_str(), &files.value, &attributes.value, argv.data(),
                                environment.data());
  if (code != 0) return errno_error("cannot run " + nft, code);
  return pid;
}

bool executable(const std::string& path) { return ::access(path.c_str(), X_OK) == 0; }

}  // namespace

std::string masquerade_rules(const std::string& bridge, const Ipv4Cidr& pods) {
  std::ostringstream text;
  text << masquerade_removal(bridge)  //
       << "table ip " << table_name(bridge) << " {\n"
       << "  chain postrouting {\n"
       << "    type nat hook postrouting priority srcnat; policy accept;\n"
       << "    ip saddr " << to_string(pods) << " oifname != \"" << bridge << "\" masquerade\n"
       << "  }\n"
       << "}\n";
  return text.str();
}

std::string masquerade_removal(const std::string& bridge) {
  // Adding first makes the deletion right in both cases; nft 1.0.6 has no `destroy` yet.
  const std::string table = "table ip " + table_name(bridge) + "\n";
  return "add " + table + "delete " + table;
}

Status find_nft(const std::string& nft) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
  bool found = nft.find('/') != std::string::npos && executable(nft);
  for (std::string folder; !found && std::getline(folders, folder, ':');) {
    found = nft.find('/') == std::string::npos && executable(folder + "/" + nft);
  }
  if (found) return {};
  return make_error("cannot find " + nft +
                    ", which masquerades what pods send: install nftables, or turn masquerading "
                    "off with --no-masquerade");
}

Status run_nft(const std::string& nft, const std::string& rules) {
  auto input = make_memory_file("nft-rules", rules);
  if (!input) return tl::unexpected(std::move(input).error());
  auto output = make_memory_file("nft-output", "");
  if (!output) return tl::unexpected(std::move(output).error());
  const auto pid = spawn_nft(nft, *input, *output);
  if (!pid) return tl::unexpected(pid.error());
  int status = 0;
  while (waitpid(*pid, &status, 0) < 0) {
    if (errno != EINTR) return errno_error("cannot wait for " + nft, errno);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return make_error(nft + " refused the rules for masquerading: " + read_output(*output));
}

}  // namespace podvisor
