// The Images port: policy, what is present, and pulls, of which each image has one at a time and
// the host a few.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "images/image_pull.h"
#include "images/image_store.h"
#include "loop/loop.h"
#include "podvisor/ports/images.h"

namespace podvisor {

struct ImageSettings {
  PullSettings pull;
  std::size_t concurrent_pulls = 3;
  int high_threshold = 85;  ///< percent of the disk; above it images are collected
  int low_threshold = 80;   ///< until this
};

/// Destroying it ends the pulls under way and answers nobody. Loop thread only.
class ImageService final : public Images {
 public:
  ImageService(Loop& loop, ImageStore store, ImageSettings settings);
  ~ImageService() override;

  std::uint64_t acquire(ImageRequest request, std::function<void()> pulling, Done done) override;
  void cancel(std::uint64_t id) override;
  [[nodiscard]] std::vector<PullProgress> progress() const override;

  /// Collects images when the disk is full. Runs by itself every few minutes.
  void collect_garbage();

 private:
  struct Waiter {
    std::uint64_t id = 0;
    std::function<void()> pulling;
    Done done;
    TimePoint since;
  };
  /// Everything that is wanted of one image at the moment.
  struct Job {
    ImageReference reference;
    std::string name;
    std::vector<std::string> auth_documents;
    std::vector<Waiter> waiters;
    std::unique_ptr<ImagePull> pull;  ///< none while it waits for its turn
    TimePoint pull_started;
  };
  using Answer = tl::expected<AcquiredImage, ImageFailure>;

  void answer_later(std::uint64_t id, Done done, Answer answer);
  void look_up(std::uint64_t id, ImageRequest request, ImageReference reference,
               std::function<void()> pulling, Done done);
  void found(std::uint64_t id, const ImageRequest& request, const ImageReference& reference,
             Result<std::optional<HeldImage>> held, std::function<void()> pulling, Done done);
  void enqueue(const ImageRequest& request, const ImageReference& reference, Waiter waiter);
  void start_pulls();
  void on_pulled(const std::string& name, Status status);
  void hold_for(const std::shared_ptr<Job>& job, Duration pull_time);

  Loop& loop_;
  ImageStore store_;
  ImageSettings settings_;
  std::map<std::string, std::shared_ptr<Job>> jobs_;  ///< by name
  std::deque<std::string> waiting_;                   ///< names of jobs without a pull
  std::vector<std::unique_ptr<ImagePull>> ended_;     ///< until their callbacks have returned
  std::map<std::uint64_t, bool> cancelled_;           ///< look-ups under way: cancelled meanwhile
  std::map<std::uint64_t, std::unique_ptr<Timer>> answers_;
  std::uint64_t next_id_ = 1;
  Timer burial_timer_;
  Timer collection_timer_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< expired: the service is no more
};

}  // namespace podvisor
