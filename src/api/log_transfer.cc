#include "api/log_transfer.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <utility>

namespace podvisor {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
/// Files kept open for a client that has fallen behind, deleted ones among them. Beyond it the
/// oldest is left out, as kubelet would with every one of them.
constexpr std::size_t kMaxAhead = 16;

}  // namespace

LogTransfer::LogTransfer(ApiContext& context, const PodObject& pod, LogOptions options,
                         const LogInstance& instance)
    : context_(context),
      pod_(pod.pod),
      options_(std::move(options)),
      instance_(instance),
      path_(context.layout.log_file(pod.pod->metadata, options_.container, instance.instance)),
      running_(is_running(pod.status, options_.container, instance.container_id)) {}

HttpStreaming LogTransfer::begin() {
  return {"text/plain", {}, [self = shared_from_this()](std::shared_ptr<HttpStream> stream) {
            self->attach(std::move(stream));
          }};
}

void LogTransfer::attach(std::shared_ptr<HttpStream> stream) {
  stream_ = std::move(stream);
  stream_->on_close([self = shared_from_this()] { self->close(); });
  stream_->on_drain([self = shared_from_this()] { self->read_more(); });
  if (options_.follow && running_) follow();
}

void LogTransfer::follow() {
  directory_ = std::make_unique<DirectoryWatch>(context_.loop,
                                                [this](const std::string&) { on_file_change(); });
  const auto watching = directory_->start(std::filesystem::path(path_).parent_path().string());
  if (!watching) return fail(watching.error().message);
  store_watch_ =
      context_.store.watch_pods([self = shared_from_this()](ChangeType type, const PodObject& pod) {
        self->on_pod_change(type, pod);
      });
}

void LogTransfer::on_pod_change(ChangeType type, const PodObject& pod) {
  if (!running_ || pod.pod->metadata.uid != pod_->metadata.uid) return;
  running_ = type != ChangeType::Deleted &&
             is_running(pod.status, options_.container, instance_.container_id);
  if (!running_) on_file_change();
}

void LogTransfer::on_file_change() {
  changed_ = true;
  // At once, for a file that is rotated again is not to be found under this name any more.
  if (const Status looked = look(); !looked) return fail(looked.error().message);
  if (stream_ && stream_->pending() == 0) read_more();
}

/// Opens the file that has the log's name now, unless it is the one that was opened last, and
/// before it those that had the name in between. A container that has not written yet may have
/// none.
Status LogTransfer::look() {
  struct stat facts {};
  if (::stat(path_.c_str(), &facts) != 0 || is_newest(facts)) return {};
  if (inode_ != 0)
    for (const std::string& missed : rotated_since())
      if (const Status opened = open_next(missed); !opened) return opened;
  return open_next(path_);
}

bool LogTransfer::is_newest(const struct stat& facts) const {
  return facts.st_dev == device_ && facts.st_ino == inode_;
}

/// The rotated files after the one that was opened last, the oldest first. Where that is not among
/// them it is older than all that have not been compressed.
std::vector<std::string> LogTransfer::rotated_since() const {
  const std::filesystem::path log(path_);
  const std::string prefix = log.filename().string() + ".";
  std::set<std::string> rotated;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(log.parent_path(), error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.starts_with(prefix) && !name.ends_with(".gz") && !name.ends_with(".tmp"))
      rotated.insert(entry->path());
  }
  std::vector<std::string> since;
  for (const std::string& path : rotated) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) == 0 && is_newest(facts))
      since.clear();
    else
      since.push_back(path);
  }
  return since;
}

/// One that is gone already is left out.
Status LogTransfer::open_next(const std::string& path) {
  auto file = open_log_file(path);
  if (!file && file.error().error_number == ENOENT) return {};
  if (!file) return tl::unexpected(file.error());
  struct stat facts {};
  if (::fstat(file->get(), &facts) != 0) return errno_error("opening the log " + path, errno);
  device_ = facts.st_dev;
  inode_ = facts.st_ino;
  files_.push_back(std::move(*file));
  if (files_.size() > kMaxAhead) files_.pop_front();
  return {};
}

void LogTransfer::read_more() {
  if (reading_ || !stream_ || stream_->ended()) return;
  // Who does not follow reads the file that there was at the beginning, as with kubelet.
  if (const Status looked = !reader_ || options_.follow ? look() : Status(); !looked)
    return fail(looked.error().message);
  reading_ = true;
  changed_ = false;
  auto next = std::make_shared<Fd>();
  if ((!reader_ || exhausted_) && !files_.empty()) {
    *next = std::move(files_.front());
    files_.pop_front();
  }
  // Decided before reading: what is written before that must not be missed.
  exhausted_ = !files_.empty();
  const bool last_file = !exhausted_ && (!options_.follow || !running_);
  auto piece = std::make_shared<Result<std::string>>();
  run_blocking(
      context_.loop,
      [self = shared_from_this(), piece, next] { *piece = self->read(std::move(*next)); },
      [self = shared_from_this(), piece, last_file] {
        self->reading_ = false;
        self->deliver(*piece, last_file);
      });
}

Result<std::string> LogTransfer::read(Fd next) {
  if (next && reader_) {
    reader_->continue_in(std::move(next));
  } else if (next) {
    auto opened = LogReader::open(std::move(next), path_, options_.query);
    if (!opened) return tl::unexpected(opened.error());
    reader_.emplace(std::move(*opened));
  }
  return reader_ ? reader_->read_some(kPiece) : std::string();
}

void LogTransfer::deliver(const Result<std::string>& piece, bool was_last_file) {
  if (!stream_) return;
  if (!piece) return fail(piece.error().message);
  stream_->write(*piece);
  const bool at_end = piece->empty();
  exhausted_ = exhausted_ && at_end;
  if ((reader_ && reader_->finished()) || (at_end && was_last_file)) return stream_->end();
  if (at_end && (exhausted_ || changed_ || !running_)) read_more();
}

void LogTransfer::fail(const std::string& message) {
  if (!stream_) return;
  // The answer has begun with 200: as kubelet does, the reason goes into the text.
  stream_->write("failed to read the log: " + message + "\n");
  stream_->end();
}

void LogTransfer::close() {
  context_.store.unwatch(store_watch_);
  directory_.reset();
  stream_.reset();
}

}  // namespace podvisor
