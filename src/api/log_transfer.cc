#include "api/log_transfer.h"

#include <cerrno>
#include <filesystem>
#include <utility>

namespace podvisor {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

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
  if (stream_ && stream_->pending() == 0) read_more();
}

void LogTransfer::read_more() {
  if (reading_ || !stream_ || stream_->ended()) return;
  reading_ = true;
  changed_ = false;
  // Decided before reading: what is written before the instance ends must not be missed.
  const bool last_look = !options_.follow || !running_;
  auto piece = std::make_shared<Result<std::string>>();
  run_blocking(
      context_.loop, [self = shared_from_this(), piece] { *piece = self->read(); },
      [self = shared_from_this(), piece, last_look] {
        self->reading_ = false;
        self->deliver(*piece, last_look);
      });
}

Result<std::string> LogTransfer::read() {
  if (!reader_) {
    auto opened = LogReader::open(path_, options_.query);
    // A container that has not written yet may have no file.
    if (!opened && opened.error().error_number == ENOENT) return std::string();
    if (!opened) return tl::unexpected(opened.error());
    reader_.emplace(std::move(*opened));
  }
  return reader_->read_some(kPiece);
}

void LogTransfer::deliver(const Result<std::string>& piece, bool was_last_look) {
  if (!stream_) return;
  if (!piece) return fail(piece.error().message);
  stream_->write(*piece);
  const bool at_end = piece->empty();
  if ((reader_ && reader_->finished()) || (at_end && was_last_look)) return stream_->end();
  if (at_end && (changed_ || !running_)) read_more();
}

void LogTransfer::fail(const std::string& message) {
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
