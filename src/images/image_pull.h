// One image on its way into the store: skopeo copies it into a workspace, umoci unpacks it, the
// store takes it over. Programs and blocking work run beside the loop.
//
//   Copying ──► Examining ──► Unpacking ──► Committing ──► done
//                    └── unpacked already ──────┘
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "images/image_store.h"
#include "images/reference.h"
#include "loop/child_process.h"
#include "loop/loop.h"
#include "podvisor/ports/images.h"

namespace podvisor {

struct PullSettings {
  std::string skopeo = "skopeo";
  std::string umoci = "umoci";
  /// Where auth files with pull secrets are written for as long as a pull takes: on a tmpfs.
  std::string runtime_dir;
  std::vector<std::string> insecure_registries;  ///< besides loopback: without TLS
  Duration timeout = std::chrono::hours(1);
  bool ask_for_sizes = false;  ///< for progress(): costs the registry one question more
};

/// Destroying it kills its program and removes its workspace. Loop thread only.
class ImagePull {
 public:
  using Done = std::function<void(Status)>;
  /// `name` is what the image is stored as. `done` comes once, later.
  ImagePull(Loop& loop, const ImageStore& store, const PullSettings& settings,
            ImageReference source, std::string name, std::vector<std::string> auth_documents,
            Done done);
  ~ImagePull();
  ImagePull(const ImagePull&) = delete;
  ImagePull& operator=(const ImagePull&) = delete;

  /// Reads the sizes of what has arrived so far.
  [[nodiscard]] PullProgress progress() const;

 private:
  /// What the work on the other thread needs; it may outlive the pull.
  struct Job;

  void start();
  void copy();
  void ask_for_sizes(const std::string& source);
  void on_sizes(const ChildEnd& end);
  void on_copied(const ChildEnd& end);
  void examine();
  void unpack();
  void commit();
  void run(const std::vector<std::string>& argv, ChildProcess::Done done);
  /// On another thread, then `next` unless the pull has been destroyed.
  void blocking(std::function<Status(Job&)> work, std::function<void()> next);
  void finish(Status status);
  [[nodiscard]] Status write_auth_file();
  [[nodiscard]] std::vector<std::string> copy_command() const;
  [[nodiscard]] std::vector<std::string> skopeo(const char* command, const char* no_tls,
                                                const char* authfile) const;

  Loop& loop_;
  PullSettings settings_;
  ImageReference source_;
  std::string name_;
  std::vector<std::string> auth_documents_;
  Done done_;
  std::shared_ptr<Job> job_;
  std::unique_ptr<ChildProcess> child_;
  std::unique_ptr<ChildProcess> inspection_;
  std::unique_ptr<ChildProcess> ended_inspection_;  ///< the one before it, in whose callback we are
  std::optional<ImageManifest> announced_;          ///< what is coming, as far as is known
  Timer start_timer_;
  Timer timeout_timer_;
  std::string auth_file_;
  TimePoint started_;
  bool unpacking_ = false;
};

/// Several dockerconfigjson documents as one; of one registry the first wins. The error names no
/// content: it is secret. Pure.
[[nodiscard]] Result<std::string> merge_auth_documents(const std::vector<std::string>& documents);

}  // namespace podvisor
