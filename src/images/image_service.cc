#include "images/image_service.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "log/logger.h"

namespace podvisor {
namespace {

constexpr Duration kCollectionPeriod = std::chrono::minutes(5);

tl::unexpected<ImageFailure> failure(std::string reason, std::string message) {
  return tl::unexpected<ImageFailure>(ImageFailure{std::move(reason), std::move(message)});
}

HeldImage tree_at(const ImageReference& reference) {
  const std::string name = normal_name(reference);
  return HeldImage{{name, name, reference.path, 0, {}}, nullptr};
}

bool is_directory(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

}  // namespace

ImageService::ImageService(Loop& loop, ImageStore store, ImageSettings settings)
    : loop_(loop),
      store_(std::move(store)),
      settings_(std::move(settings)),
      burial_timer_(loop, [this] { ended_.clear(); }),
      collection_timer_(loop, [this] { collect_garbage(); }) {
  collection_timer_.keep_loop_running(false);
  collection_timer_.start(kCollectionPeriod);
}

ImageService::~ImageService() = default;

std::uint64_t ImageService::acquire(ImageRequest request, std::function<void()> pulling,
                                    Done done) {
  const std::uint64_t id = next_id_++;
  auto reference = parse_image_reference(request.image);
  if (!reference) {
    answer_later(id, std::move(done), failure("InvalidImageName", reference.error().message));
    return id;
  }
  if (reference->transport == ImageReference::Transport::Rootfs) {
    Answer answer = failure("ErrImagePull", "there is no directory " + reference->path);
    if (is_directory(reference->path)) answer = AcquiredImage{tree_at(*reference)};
    answer_later(id, std::move(done), std::move(answer));
    return id;
  }
  look_up(id, std::move(request), std::move(*reference), std::move(pulling), std::move(done));
  return id;
}

void ImageService::answer_later(std::uint64_t id, Done done, Answer answer) {
  auto kept = std::make_shared<Answer>(std::move(answer));
  answers_[id] = std::make_unique<Timer>(loop_, [this, id, done = std::move(done), kept] {
    const auto timer = std::move(answers_.extract(id).mapped());
    done(std::move(*kept));
  });
  answers_[id]->start(Duration{0});
}

/// IMG: present? On another thread: the store's files may have to come from a disk.
void ImageService::look_up(std::uint64_t id, ImageRequest request, ImageReference reference,
                           std::function<void()> pulling, Done done) {
  cancelled_[id] = false;
  auto held = std::make_shared<Result<std::optional<HeldImage>>>(std::nullopt);
  const std::string name = normal_name(reference);
  run_blocking(
      loop_, [held, store = store_, name] { *held = store.hold(name); },
      [this, alive = std::weak_ptr(alive_), id, request = std::move(request),
       reference = std::move(reference), held, pulling = std::move(pulling),
       done = std::move(done)] {
        if (alive.expired() || cancelled_.extract(id).mapped()) return;
        found(id, request, reference, std::move(*held), pulling, done);
      });
}

void ImageService::found(std::uint64_t id, const ImageRequest& request,
                         const ImageReference& reference, Result<std::optional<HeldImage>> held,
                         std::function<void()> pulling, Done done) {
  if (!held) return done(failure("ImageInspectError", held.error().message));
  const bool present = held->has_value();
  // What was loaded from this host has no registry to ask (IMG-4).
  const bool local = reference.transport != ImageReference::Transport::Registry;
  if (present && (request.policy != PullPolicy::Always || local))
    return done(AcquiredImage{std::move(**held)});
  if (request.policy == PullPolicy::Never)
    return done(failure("ErrImageNeverPull", "Container image \"" + request.image +
                                                 "\" is not present with pull policy of Never"));
  enqueue(request, reference, {id, std::move(pulling), std::move(done), loop_.now().monotonic});
}

void ImageService::enqueue(const ImageRequest& request, const ImageReference& reference,
                           Waiter waiter) {
  const std::string name = normal_name(reference);
  const auto pulling = waiter.pulling;
  auto& job = jobs_[name];
  if (!job) {
    job = std::make_shared<Job>(Job{reference, name, request.auth_documents, {}, nullptr, {}});
    waiting_.push_back(name);
  }
  job->waiters.push_back(std::move(waiter));
  if (pulling) pulling();
  start_pulls();
}

void ImageService::start_pulls() {
  const auto running = static_cast<std::size_t>(
      std::ranges::count_if(jobs_, [](const auto& each) { return each.second->pull != nullptr; }));
  for (std::size_t free =
           settings_.concurrent_pulls - std::min(settings_.concurrent_pulls, running);
       free > 0 && !waiting_.empty(); --free) {
    const std::string name = std::move(waiting_.front());
    waiting_.pop_front();
    Job& job = *jobs_.at(name);
    job.pull_started = loop_.now().monotonic;
    job.pull = std::make_unique<ImagePull>(
        loop_, store_, settings_.pull, job.reference, name, job.auth_documents,
        [this, name](Status status) { on_pulled(name, std::move(status)); });
  }
}

void ImageService::on_pulled(const std::string& name, Status status) {
  const auto job = std::move(jobs_.extract(name).mapped());
  ended_.push_back(std::move(job->pull));
  burial_timer_.start(Duration{0});
  start_pulls();
  if (status) return hold_for(job, loop_.now().monotonic - job->pull_started);
  log_warning("image was not pulled", {{"image", name}, {"why", status.error().message}});
  for (Waiter& waiter : job->waiters)
    waiter.done(failure("ErrImagePull",
                        "failed to pull image \"" + name + "\": " + status.error().message));
}

/// Each of those that waited holds it for itself.
void ImageService::hold_for(const std::shared_ptr<Job>& job, Duration pull_time) {
  for (const Waiter& waiter : job->waiters) cancelled_[waiter.id] = false;
  auto held = std::make_shared<Result<std::optional<HeldImage>>>(std::nullopt);
  run_blocking(
      loop_, [held, store = store_, name = job->name] { *held = store.hold(name); },
      [this, alive = std::weak_ptr(alive_), job, pull_time, held] {
        if (alive.expired()) return;
        for (Waiter& waiter : job->waiters) {
          if (cancelled_.extract(waiter.id).mapped()) continue;
          if (*held && (*held)->has_value())
            waiter.done(
                AcquiredImage{***held, true, pull_time, loop_.now().monotonic - waiter.since});
          else
            waiter.done(failure("ImageInspectError",
                                *held ? "the image was removed as soon as it had been pulled"
                                      : held->error().message));
        }
      });
}

void ImageService::cancel(std::uint64_t id) {
  answers_.erase(id);
  if (const auto under_way = cancelled_.find(id); under_way != cancelled_.end()) {
    under_way->second = true;
    return;
  }
  for (auto& [name, job] : jobs_) {
    if (std::erase_if(job->waiters, [&](const Waiter& each) { return each.id == id; }) == 0)
      continue;
    if (!job->waiters.empty()) return;
    if (job->pull) ended_.push_back(std::move(job->pull));
    burial_timer_.start(Duration{0});
    std::erase(waiting_, name);
    jobs_.erase(name);
    start_pulls();
    return;
  }
}

std::vector<PullProgress> ImageService::progress() const {
  std::vector<PullProgress> all;
  for (const auto& [name, job] : jobs_)
    if (job->pull) all.push_back(job->pull->progress());
  return all;
}

void ImageService::collect_garbage() {
  collection_timer_.start(kCollectionPeriod);
  run_blocking(
      loop_,
      [store = store_, settings = settings_] {
        const auto space = store.space();
        const auto images = store.list();
        if (!space || !images) return;
        const auto names =
            images_to_collect(*images, *space, settings.high_threshold, settings.low_threshold);
        for (const std::string& name : names)
          if (Status removed = store.remove(name); !removed)
            log_warning("image was not collected", {{"image", name}});
        if (!names.empty()) static_cast<void>(store.sweep());
      },
      [] {});
}

}  // namespace podvisor
