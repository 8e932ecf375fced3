// Child processes of the end-to-end tests: started without a shell, ended by pid.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace podvisor {

struct CommandResult {
  int exit_code = -1;  ///< 128 + signal when killed
  std::string out;
  std::string err;
};

/// Runs it to its end, at the longest `limit` (then it is killed).
CommandResult run_command(const std::vector<std::string>& argv,
                          std::chrono::seconds limit = std::chrono::seconds(60));

/// A command that goes on in the background; its output goes to files.
class Background {
 public:
  Background(const std::vector<std::string>& argv, const std::string& out_path,
             const std::string& err_path);
  ~Background();  ///< SIGKILL, if it still runs
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void signal(int number) const;
  /// Its exit code once it has ended; -1 when it has not within `limit`.
  int wait(std::chrono::seconds limit);
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running();

 private:
  pid_t pid_;
  int exit_code_ = -1;
};

std::string read_file(const std::string& path);

}  // namespace podvisor
