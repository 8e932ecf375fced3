// Sends a container's log, and goes on while it grows if it is to be followed. The disk is read on
// another thread, one piece at a time, each when the client has taken the one before.
//
// A log that is rotated meanwhile goes on in another file of its name. Who rotates it does so on
// the loop's thread, in one go: once that file is there, nothing is written to the one before.
#pragma once

#include <sys/stat.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "api/log_options.h"
#include "http/message.h"
#include "http/stream.h"
#include "log/log_reader.h"
#include "loop/directory_watch.h"

namespace podvisor {

class LogTransfer : public std::enable_shared_from_this<LogTransfer> {
 public:
  LogTransfer(ApiContext& context, const PodObject& pod, LogOptions options,
              const LogInstance& instance);

  [[nodiscard]] HttpStreaming begin();

 private:
  void attach(std::shared_ptr<HttpStream> stream);
  void follow();
  void on_pod_change(ChangeType type, const PodObject& pod);
  void on_file_change();
  [[nodiscard]] Status look();
  [[nodiscard]] bool is_newest(const struct stat& facts) const;
  [[nodiscard]] std::vector<std::string> rotated_since() const;
  [[nodiscard]] Status open_next(const std::string& path);
  void read_more();
  void deliver(const Result<std::string>& piece, bool was_last_file);
  void fail(const std::string& message);
  void close();
  [[nodiscard]] Result<std::string> read(Fd next);  ///< on the other thread

  ApiContext& context_;
  std::shared_ptr<const Pod> pod_;
  LogOptions options_;
  LogInstance instance_;
  std::string path_;
  std::shared_ptr<HttpStream> stream_;
  bool running_;          ///< the instance may still write
  bool reading_ = false;  ///< reader_ belongs to the other thread
  bool changed_ = false;  ///< while reading
  std::optional<LogReader> reader_;
  bool exhausted_ = false;  ///< reader_ has come to the end of a file that grows no more
  std::deque<Fd> files_;    ///< the next ones, in the order in which they were written
  std::uint64_t device_ = 0, inode_ = 0;  ///< of the last one that was opened
  std::unique_ptr<DirectoryWatch> directory_;
  std::uint64_t store_watch_ = 0;
};

}  // namespace podvisor
