// Lines from several logs on one output: whole, each after its prefix. Any thread.
#pragma once

#include <mutex>
#include <ostream>
#include <string>
#include <string_view>

namespace podvisor::cli {

/// The output that several LogLines share.
class LogOutput {
 public:
  LogOutput(std::ostream& out, bool flush) : out_(out), flush_(flush) {}
  /// False: nobody reads it any more.
  bool write(std::string_view prefix, std::string_view lines);
  bool write(std::string_view text) { return write({}, text); }

 private:
  std::mutex mutex_;
  std::ostream& out_;
  bool flush_;  ///< after each write: somebody watches
};

/// One log's way there. What a program wrote is its user's to see: it goes out as it is.
class LogLines {
 public:
  LogLines(LogOutput& output, std::string prefix) : output_(output), prefix_(std::move(prefix)) {}
  /// Keeps an unfinished line, up to a bound. False: nobody reads it any more.
  [[nodiscard]] bool feed(std::string_view data);
  /// What is left of an unfinished line.
  void finish();

  static constexpr std::size_t kMaxUnfinished = 1U << 20U;

 private:
  LogOutput& output_;
  std::string prefix_;
  std::string unfinished_;
  bool begins_ = true;  ///< what comes next begins a line
};

}  // namespace podvisor::cli
