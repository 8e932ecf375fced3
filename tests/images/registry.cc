#include "registry.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace podvisor {
namespace {

constexpr const char* kHtpasswd = "htpasswd";

void write_config(const std::string& directory, bool with_password) {
  std::ofstream config(directory + "/config.yml");
  config << "version: 0.1\n"
         << "storage:\n  filesystem:\n    rootdirectory: " << directory << "/data\n"
         << "http:\n  addr: 127.0.0.1:0\n  secret: tests\n";
  if (with_password)
    config << "auth:\n  htpasswd:\n    realm: tests\n    path: " << directory << "/htpasswd\n";
}

/// From its log: `listening on 127.0.0.1:40721`.
int listening_port(const std::string& log) {
  constexpr const char* kMark = "listening on 127.0.0.1:";
  for (int tick = 0; tick < 500; ++tick) {
    std::stringstream text;
    text << std::ifstream(log).rdbuf();
    const std::size_t at = text.str().find(kMark);
    if (at != std::string::npos)
      return std::atoi(text.str().c_str() + at + std::string(kMark).size());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return 0;
}

}  // namespace

int run_program(const std::string& command_line) {
  const int status = std::system(command_line.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Registry::Registry(const std::string& directory, const std::string& password)
    : directory_(directory), password_(password) {
  if (run_program("command -v docker-registry >/dev/null") != 0) return;
  if (!password.empty() && run_program(std::string(kHtpasswd) + " -Bbn me '" + password + "' >" +
                                       directory + "/htpasswd 2>/dev/null") != 0)
    return;
  write_config(directory, !password.empty());
  const std::string log = directory + "/log", config = directory + "/config.yml";
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  std::string words[] = {"docker-registry", "serve", config};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  const int error = posix_spawnp(&pid_, argv[0], &files, nullptr, argv, environ);
  posix_spawn_file_actions_destroy(&files);
  if (error == 0) port_ = listening_port(log);
}

Registry::~Registry() { stop(); }

void Registry::stop() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

bool Registry::push(const std::string& image, const std::string& name) const {
  const std::string credentials = password_.empty() ? "" : "--dest-creds=me:" + password_ + " ";
  return run_program("skopeo --insecure-policy copy --dest-tls-verify=false " + credentials +
                     "oci:" + image + " docker://" + host() + "/" + name + " >/dev/null 2>&1") == 0;
}

std::string Registry::blob(const std::string& digest) const {
  const std::string hex = digest.substr(digest.find(':') + 1);
  return directory_ + "/data/docker/registry/v2/blobs/sha256/" + hex.substr(0, 2) + "/" + hex +
         "/data";
}

}  // namespace podvisor
