// A program run beside the loop: nft's, skopeo's and umoci's way to be used. No shell, no inherited
// descriptor, an environment of its own.
#pragma once

#include <uv.h>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "loop/loop.h"
#include "podvisor/result.h"

namespace podvisor {

struct ChildCommand {
  std::vector<std::string> argv;  ///< argv[0] is looked for in PATH
  std::vector<std::string> env;   ///< NAME=VALUE; all there is
  std::size_t max_stdout = 64UL * 1024;
  std::string input{};  ///< its standard input; empty: /dev/null
};

struct ChildEnd {
  int exit_code = 0;  ///< 128 + signal when it was killed
  std::string out;    ///< the first max_stdout bytes of standard output
  std::string err;    ///< the last 4 KiB of standard error
  bool out_cut = false;
};

/// Destroying it kills the child, and `done` is not called any more. Loop thread only.
class ChildProcess {
 public:
  using Done = std::function<void(ChildEnd)>;
  /// `done` comes later, once, when the child has ended and its pipes have.
  [[nodiscard]] static Result<std::unique_ptr<ChildProcess>> start(Loop& loop,
                                                                   const ChildCommand& command,
                                                                   Done done);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void kill(int signal);

 private:
  struct Shared;
  explicit ChildProcess(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  std::shared_ptr<Shared> shared_;
};

/// "skopeo copy …" for messages: the words of argv with spaces between.
[[nodiscard]] std::string joined(const std::vector<std::string>& argv);

}  // namespace podvisor
