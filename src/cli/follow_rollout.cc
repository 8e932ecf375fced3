#include "cli/follow_rollout.h"

#include <ostream>

#include "cli/api_objects.h"
#include "cli/api_path.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace podvisor::cli {
namespace {

bool has_ended(const Json& rollout) {
  const std::string stage = raw_text(rollout, "status.stage");
  return stage == "Done" || stage == "Failed";
}

/// A replacement that was not needed any more is no failure of anything.
bool has_failed(const Json& rollout) {
  return raw_text(rollout, "status.stage") == "Failed" &&
         raw_text(rollout, "status.reason") != "NotNeeded";
}

/// The last that was heard of it, told as it changes.
class Progress {
 public:
  Progress(const Resource& resource, const std::string& name, const Console& console)
      : subject_(full_name(resource, name)),
        speaks_for_itself_(&resource == &kDeployments),
        console_(console) {}

  bool take(const std::string& type, const Json& rollout) {
    if (type == "ERROR") return false;
    last_ = rollout;
    const std::string message = text(rollout, "status.message");
    if (!has_ended(rollout) && message != shown_)
      console_.out << (speaks_for_itself_ ? "" : subject_ + ": ") << message << std::endl;
    shown_ = message;
    return !has_ended(rollout);
  }

  [[nodiscard]] int conclude(bool timed_out) const {
    if (speaks_for_itself_ && has_ended(last_)) {
      (has_failed(last_) ? console_.err << "error: " : console_.out) << shown_ << std::endl;
      return has_failed(last_) ? 1 : 0;
    }
    if (has_ended(last_) && !has_failed(last_)) {
      console_.out << subject_ << " successfully rolled out, revision " << text(last_, "revision")
                   << std::endl;
      return 0;
    }
    if (has_failed(last_))
      console_.err << "error: " << subject_ << ": rollout " << shown_ << '\n';
    else if (timed_out)
      console_.err << "error: timed out waiting for the rollout of " << subject_ << ": " << shown_
                   << '\n';
    else
      console_.err << "error: " << subject_ << " was deleted, or podvisor has ended\n";
    return 1;
  }

 private:
  std::string subject_;
  bool speaks_for_itself_;  ///< its messages name it, as kubectl's do
  const Console& console_;
  Json last_ = Json::object();
  std::string shown_;
};

}  // namespace

int follow_rollout(ApiClient& client, const std::string& namespace_, const Resource& resource,
                   const std::string& name, std::optional<Duration> timeout,
                   const Console& console) {
  Progress progress(resource, name, console);
  const Result<WatchEnd> end = watch(
      client, rollout_path(namespace_, resource.plural, name, {{"watch", "true"}}),
      [&](const std::string& type, const Json& rollout) { return progress.take(type, rollout); },
      timeout);
  if (!end) return report(console, end.error());
  return progress.conclude(end->timed_out);
}

}  // namespace podvisor::cli
