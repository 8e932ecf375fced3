#include "sample_image.h"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace podvisor {

ScratchDirectory::ScratchDirectory() {
  char pattern[] = "/tmp/podvisor-images-XXXXXX";
  if (mkdtemp(pattern) == nullptr) std::abort();
  path_ = pattern;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

bool make_sample_image(const std::string& layout, const std::string& tag,
                       const std::vector<std::string>& config) {
  std::vector<std::string> words{PODVISOR_MAKE_IMAGE, layout, tag};
  words.insert(words.end(), config.begin(), config.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  int status = 0;
  const bool ran = posix_spawn(&pid, argv[0], nullptr, nullptr, argv.data(), environ) == 0 &&
                   waitpid(pid, &status, 0) == pid && WIFEXITED(status);
  const int code = ran ? WEXITSTATUS(status) : -1;
  if (code == 0) return true;
  [&] {
    if (code == 77) GTEST_SKIP() << "no umoci or no busybox here";
    ADD_FAILURE() << PODVISOR_MAKE_IMAGE << " ended with " << code;
  }();
  return false;
}

}  // namespace podvisor
