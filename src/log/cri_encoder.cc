#include "log/cri_encoder.h"

#include <utility>

namespace podvisor {

void CriEncoder::feed(std::string_view bytes, WallTime now, std::string& out) {
  const std::string full = format_cri_header(now, stream_, true);
  const std::string partial = format_cri_header(now, stream_, false);
  while (!bytes.empty()) {
    const std::size_t room = kMaxCriContent - unfinished_.size();
    // One byte more than fits: a line of exactly that length is one entry, not two.
    const std::size_t newline = bytes.substr(0, room + 1).find('\n');
    if (newline != std::string_view::npos) {
      append_entry(out, full, bytes.substr(0, newline));
      bytes.remove_prefix(newline + 1);
    } else if (bytes.size() > room) {
      append_entry(out, partial, bytes.substr(0, room));
      bytes.remove_prefix(room);
    } else {
      unfinished_.append(bytes);
      return;
    }
  }
}

void CriEncoder::finish(WallTime now, std::string& out) {
  if (!unfinished_.empty()) append_entry(out, format_cri_header(now, stream_, false), {});
}

void CriEncoder::append_entry(std::string& out, std::string_view header, std::string_view content) {
  out.append(header).append(unfinished_).append(content).push_back('\n');
  unfinished_.clear();
}

}  // namespace podvisor
