#include "cli/log_lines.h"

namespace podvisor::cli {

bool LogOutput::write(std::string_view prefix, std::string_view lines) {
  const std::lock_guard lock(mutex_);
  out_ << prefix << lines;
  if (flush_) out_ << std::flush;
  return out_.good();
}

bool LogLines::feed(std::string_view data) {
  std::string block;
  for (std::size_t newline = data.find('\n'); newline != std::string_view::npos;
       newline = data.find('\n')) {
    if (begins_) block += prefix_;
    block.append(unfinished_).append(data.substr(0, newline + 1));
    unfinished_.clear();
    begins_ = true;
    data.remove_prefix(newline + 1);
  }
  unfinished_ += data;
  if (unfinished_.size() > kMaxUnfinished) {
    if (begins_) block += prefix_;
    block += unfinished_;
    unfinished_.clear();
    begins_ = false;
  }
  return block.empty() || output_.write(block);
}

void LogLines::finish() {
  if (!unfinished_.empty()) output_.write(begins_ ? prefix_ : std::string(), unfinished_);
  unfinished_.clear();
}

}  // namespace podvisor::cli
