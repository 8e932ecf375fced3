#include "runtime/logs/gzip_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "podvisor/fd.h"

namespace podvisor {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

struct CloseGzip {
  void operator()(gzFile file) const { gzclose(file); }
};

Result<Fd> open_source(int directory, const std::string& name) {
  Fd file(openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) return errno_error("opening the log " + name, errno);
  struct stat facts {};
  if (fstat(file.get(), &facts) != 0) return errno_error("opening the log " + name, errno);
  if (!S_ISREG(facts.st_mode)) return make_error("the log " + name + " is not a regular file");
  return file;
}

Result<gzFile> open_target(int directory, const std::string& name) {
  unlinkat(directory, name.c_str(), 0);
  Fd file(openat(directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
  if (!file) return errno_error("making the compressed log " + name, errno);
  const gzFile stream = gzdopen(file.get(), "wb");
  if (stream == nullptr) return make_error("compressing the log " + name + ": out of memory");
  static_cast<void>(file.release());
  return stream;
}

}  // namespace

Status gzip_file(int directory, const std::string& from, const std::string& to,
                 const std::atomic<bool>& cancelled) {
  auto source = open_source(directory, from);
  if (!source) return tl::unexpected(source.error());
  auto target = open_target(directory, to);
  if (!target) return tl::unexpected(target.error());
  std::unique_ptr<gzFile_s, CloseGzip> stream(*target);
  std::vector<char> block(kBlock);
  while (true) {
    if (cancelled) return make_error("compressing the log " + from + " was broken off");
    const ssize_t size = read(source->get(), block.data(), block.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno_error("reading the log " + from, errno);
    if (size == 0) break;
    errno = 0;
    if (gzwrite(stream.get(), block.data(), static_cast<unsigned>(size)) != size)
      return errno_error("writing the compressed log " + to, errno);
  }
  errno = 0;
  if (gzclose(stream.release()) != Z_OK)
    return errno_error("writing the compressed log " + to, errno);
  return {};
}

}  // namespace podvisor
