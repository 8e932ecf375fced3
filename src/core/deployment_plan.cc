#include "podvisor/deployment_plan.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/deployment_conditions.h"
#include "core/deployment_scale.h"

namespace podvisor {
namespace {

constexpr Seconds kNoDeadline{2147483647};  // Kubernetes' MaxInt32 means none

struct Live {
  const ReplicaView* pod;
  bool updated;
  bool available;
};

/// Whom to delete first: Kubernetes' order of a ReplicaSet, old revisions before the new one.
bool goes_before(const Live& a, const Live& b) {
  if (a.available != b.available) return !a.available;
  if (a.updated != b.updated) return !a.updated;
  const bool a_ready = a.pod->ready_since.has_value();
  const bool b_ready = b.pod->ready_since.has_value();
  if (a_ready != b_ready) return !a_ready;
  if (a_ready && *a.pod->ready_since != *b.pod->ready_since)
    return *a.pod->ready_since > *b.pod->ready_since;
  return a.pod->created > b.pod->created;
}

class Planner {
 public:
  Planner(const Deployment& deployment, const std::string& revision,
          const std::vector<ReplicaView>& pods, const Instant& now, DeploymentStep& result)
      : deployment_(deployment),
        bounds_(rolling_bounds(deployment)),
        pods_(pods),
        now_(now),
        state_(result.state),
        result_(result) {
    turn_to(revision);
    look();
  }

  void run() {
    note_progress();
    act();
    tell();
    result_.wake_at = wake_at();
  }

 private:
  /// The wanted revision becomes the one that is acted on, unless paused.
  void turn_to(const std::string& revision) {
    const bool resumed = state_.paused && !deployment_.paused;
    state_.paused = deployment_.paused;
    if (resumed) {
      state_.complete = state_.timed_out = false;
      state_.progressed_at = now_.monotonic;
      set_progressing(deployment_, state_, ProgressReason::Resumed, now_.wall);
    }
    if (state_.paused || state_.revision == revision) return;
    state_.revision = revision;
    state_.complete = state_.timed_out = false;
    state_.progressed_at = now_.monotonic;
    const bool known = std::ranges::any_of(
        pods_, [&](const ReplicaView& pod) { return pod.revision == revision; });
    set_progressing(deployment_, state_, known ? ProgressReason::Found : ProgressReason::Created,
                    now_.wall);
  }

  void look() {
    for (const ReplicaView& pod : pods_) {
      const bool updated = pod.revision == state_.revision;
      if (!updated && !pod.ended) ++old_there_;
      if (pod.terminating) continue;
      if (pod.ended) {
        result_.remove.push_back(pod.name);
        continue;
      }
      const bool available =
          pod.ready_since && *pod.ready_since + deployment_.min_ready <= now_.monotonic;
      live_.push_back({&pod, updated, available});
    }
    std::ranges::sort(live_, goes_before);
  }

  [[nodiscard]] int count(bool (*counts)(const Live&)) const {
    return static_cast<int>(std::ranges::count_if(live_, counts));
  }
  [[nodiscard]] int total() const { return static_cast<int>(live_.size()); }
  [[nodiscard]] int updated() const {
    return count([](const Live& each) { return each.updated; });
  }
  [[nodiscard]] int available() const {
    return count([](const Live& each) { return each.available; });
  }
  [[nodiscard]] int ready() const {
    return count([](const Live& each) { return each.pod->ready_since.has_value(); });
  }

  /// By Kubernetes' measure: more new, ready or available pods than before, or fewer old ones.
  void note_progress() {
    DeploymentStatus& status = state_.status;
    const int old = total() - updated();
    const bool more = updated() > status.updated || ready() > status.ready ||
                      available() > status.available || old < std::exchange(state_.old, old);
    status.replicas = total();
    status.updated = updated();
    status.ready = ready();
    status.available = available();
    status.unavailable = std::max(std::max(total(), deployment_.replicas) - available(), 0);
    if (state_.paused || state_.complete) return;
    if (more) {
      state_.progressed_at = now_.monotonic;
      state_.timed_out = false;
      set_progressing(deployment_, state_, ProgressReason::Updated, now_.wall);
    }
    const int wanted = deployment_.replicas;
    state_.complete = updated() == wanted && total() == wanted && available() == wanted;
    if (!state_.complete && deadline() && *deadline() <= now_.monotonic) state_.timed_out = true;
  }

  [[nodiscard]] std::optional<TimePoint> deadline() const {
    if (deployment_.progress_deadline >= kNoDeadline) return std::nullopt;
    return state_.progressed_at + deployment_.progress_deadline;
  }

  void act() {
    if (state_.revision.empty()) return;  // paused from its first day
    const int wanted = deployment_.replicas;
    scaled_ = state_.replicas && *state_.replicas != wanted && sizes_now().size() > 1;
    if (state_.paused) {
      fit();
    } else if (deployment_.strategy.recreate) {
      remove(total() - updated(), old);
      remove(updated() - wanted, all);
      make(state_.revision, old_there_ > 0 ? 0 : wanted - updated());
    } else if (scaled_) {
      fit();
    } else {
      roll();
    }
    state_.replicas = wanted;
    state_.most = most();
  }

  [[nodiscard]] int most() const { return deployment_.replicas + bounds_.surge; }
  [[nodiscard]] int least() const { return deployment_.replicas - bounds_.unavailable; }

  /// Every revision gets its share of what is wanted.
  void fit() {
    const std::vector<RevisionSize> sizes = fitting_sizes();
    const std::map<std::string, int> before = sizes_now();
    for (const RevisionSize& each : sizes)
      remove(before.at(each.revision) - each.size, [&](const Live& live) {
        return live.pod->revision == each.revision && (!live.available || available() > least());
      });
    remove(total() - most(), all);
    int room = most() - total();
    for (const RevisionSize& each : sizes) {
      const int more = std::min(each.size - before.at(each.revision), room);
      make(each.revision, more);
      room -= std::max(more, 0);
    }
    if (before.empty()) make(state_.revision, deployment_.replicas);
  }

  [[nodiscard]] std::map<std::string, int> sizes_now() const {
    std::map<std::string, int> sizes;
    for (const Live& each : live_) ++sizes[each.pod->revision];
    return sizes;
  }

  [[nodiscard]] std::vector<RevisionSize> fitting_sizes() const {
    std::vector<RevisionSize> sizes;
    for (const auto& [revision, size] : sizes_now()) {
      RevisionSize each{revision, size, std::numeric_limits<std::uint64_t>::max()};
      for (const Live& live : live_)  // as old as its first pod
        if (live.pod->revision == revision)
          each.created = std::min(each.created, live.pod->created);
      sizes.push_back(std::move(each));
    }
    if (sizes.size() > 1 && deployment_.strategy.recreate) return sizes;
    const bool saturated = !scaled_ && updated() == deployment_.replicas &&
                           updated_available() == deployment_.replicas;
    if (sizes.size() > 1 && saturated) {
      for (RevisionSize& each : sizes)
        if (each.revision != state_.revision) each.size = 0;
      return sizes;
    }
    return podvisor::scaled(std::move(sizes), {deployment_.replicas, bounds_.surge,
                                               state_.replicas ? state_.most : most()});
  }

  void roll() {
    remove(total() - most(), all);
    const int spare = total() - least() - (updated() - updated_available());
    remove(
        std::min(spare, count([](const Live& each) { return !each.updated && !each.available; })),
        old);
    const int spare_now = total() - least() - (updated() - updated_available());
    remove(std::min(spare_now, available() - least()), old);
    remove(updated() - deployment_.replicas, is_updated);
    make(state_.revision, std::min(most() - total(), deployment_.replicas - updated()));
  }

  [[nodiscard]] int updated_available() const {
    return count([](const Live& each) { return each.updated && each.available; });
  }

  static bool all(const Live&) { return true; }
  static bool old(const Live& each) { return !each.updated; }
  static bool is_updated(const Live& each) { return each.updated; }

  void make(const std::string& revision, int number) {
    if (number > 0) result_.make[revision] += number;
  }

  /// The first `number` of them; live_ is in the order in which they go.
  template <typename MayGo>
  void remove(int number, const MayGo& may_go) {
    for (auto each = live_.begin(); each != live_.end() && number > 0;) {
      if (!may_go(*each)) {
        ++each;
        continue;
      }
      result_.remove.push_back(each->pod->name);
      each = live_.erase(each);
      --number;
    }
  }

  void tell() {
    if (state_.paused)
      set_progressing(deployment_, state_, ProgressReason::Paused, now_.wall);
    else if (state_.complete)
      set_progressing(deployment_, state_, ProgressReason::Available, now_.wall);
    else if (state_.timed_out)
      set_progressing(deployment_, state_, ProgressReason::DeadlineExceeded, now_.wall);
    const bool enough = state_.status.available >= deployment_.replicas - bounds_.unavailable;
    set_available(state_, enough, now_.wall);
  }

  [[nodiscard]] std::optional<TimePoint> wake_at() const {
    std::optional<TimePoint> first;
    const auto consider = [&](TimePoint at) {
      if (!first || at < *first) first = at;
    };
    if (scaled_) consider(now_.monotonic);  // the rollout goes on from there
    for (const Live& each : live_)
      if (!each.available && each.pod->ready_since)
        consider(*each.pod->ready_since + deployment_.min_ready);
    if (!state_.paused && !state_.complete && !state_.timed_out && deadline())
      consider(*deadline());
    return first;
  }

  const Deployment& deployment_;
  const RollingBounds bounds_;
  const std::vector<ReplicaView>& pods_;
  const Instant now_;
  DeploymentState& state_;
  DeploymentStep& result_;
  std::vector<Live> live_;
  bool scaled_ = false;
  int old_there_ = 0;  ///< of other revisions, those that are being deleted among them
};

}  // namespace

std::string revision_name(const Deployment& deployment, const std::string& revision) {
  return deployment.metadata.name + "-" + revision;
}

DeploymentStep step(const Deployment& deployment, const std::string& revision,
                    DeploymentState state, const std::vector<ReplicaView>& pods,
                    const Instant& now) {
  DeploymentStep result;
  result.state = std::move(state);
  Planner(deployment, revision, pods, now, result).run();
  return result;
}

}  // namespace podvisor
