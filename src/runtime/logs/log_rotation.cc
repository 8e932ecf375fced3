#include "runtime/logs/log_rotation.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string_view>

#include "podvisor/fd.h"
#include "runtime/logs/gzip_file.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

constexpr char kCompressed[] = ".gz";
constexpr char kUnfinished[] = ".tmp";

Result<std::vector<std::string>> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error))
    names.push_back(entry->path().filename());
  if (error) return errno_error("reading the log directory " + directory, error.value());
  return names;
}

Status remove_at(int directory, const std::string& name) {
  if (unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  return errno_error("removing the old log " + name, errno);
}

/// Under its final name only when it is whole.
Status compress_at(int directory, const std::string& name, const std::atomic<bool>& cancelled) {
  const std::string unfinished = name + kUnfinished;
  Status written = gzip_file(directory, name, unfinished, cancelled);
  const std::string compressed = name + kCompressed;
  if (written && renameat(directory, unfinished.c_str(), directory, compressed.c_str()) != 0)
    written = errno_error("naming the compressed log " + compressed, errno);
  if (written) return remove_at(directory, name);
  unlinkat(directory, unfinished.c_str(), 0);
  return written;
}

/// What it is sorted by: a file that was compressed stays in its place.
std::string_view uncompressed(std::string_view name) {
  if (name.ends_with(kCompressed)) name.remove_suffix(sizeof(kCompressed) - 1);
  return name;
}

}  // namespace

TidyPlan plan_tidying(std::vector<std::string> names, const std::string& log, int max_files) {
  const std::set<std::string> all(names.begin(), names.end());
  TidyPlan plan;
  std::vector<std::string> rotated;
  std::ranges::sort(names, {}, uncompressed);  // the oldest first
  for (const std::string& name : names) {
    if (!name.starts_with(log + ".")) continue;
    const bool leftover = name.ends_with(kUnfinished) || all.contains(name + kCompressed);
    (leftover ? plan.remove : rotated).push_back(name);
  }
  const std::size_t room = max_files > 1 ? static_cast<std::size_t>(max_files - 1) : 0;
  const std::size_t excess = rotated.size() > room ? rotated.size() - room : 0;
  for (std::size_t i = 0; i < rotated.size(); ++i) {
    const bool newest = i + 1 == rotated.size();
    if (i < excess)
      plan.remove.push_back(rotated[i]);
    else if (!newest && !rotated[i].ends_with(kCompressed))
      plan.compress.push_back(rotated[i]);
  }
  return plan;
}

std::string rotated_name(const std::string& log, WallTime now,
                         const std::function<bool(const std::string&)>& taken) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(now - day));
  const auto text = [](const char* format, auto... numbers) {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), format, numbers...);
    return std::string(buffer.data());
  };
  const std::string name =
      log + text(".%04d%02u%02u-%02d%02d%02d", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                 static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                 static_cast<int>(clock.seconds().count()));
  return taken(name) ? name + text(".%03d", static_cast<int>(clock.subseconds().count())) : name;
}

bool is_rotated_name_taken(const std::string& path) {
  const fs::path rotated(path);
  const auto names = names_in(rotated.parent_path());
  return names &&
         std::ranges::any_of(*names, [name = rotated.filename().string()](const auto& each) {
           return each.starts_with(name);
         });
}

Status tidy_rotated(const std::string& path, int max_files, const std::atomic<bool>& cancelled) {
  const fs::path log(path);
  const std::string parent = log.parent_path();
  const Fd directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!directory) return errno_error("opening the log directory " + parent, errno);
  auto names = names_in(parent);
  if (!names) return tl::unexpected(names.error());
  const TidyPlan plan = plan_tidying(std::move(*names), log.filename(), max_files);
  for (const std::string& name : plan.remove)
    if (Status removed = remove_at(directory.get(), name); !removed) return removed;
  for (const std::string& name : plan.compress)
    if (Status compressed = compress_at(directory.get(), name, cancelled); !compressed)
      return compressed;
  return {};
}

}  // namespace podvisor
