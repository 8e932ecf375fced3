#include "runtime/oci/oci_runtime.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "log/logger.h"
#include "runtime/directories.h"
#include "runtime/oci/oci_config.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConsole = "console-";
constexpr const char* kTrial = "podvisor-trial-";

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
}

std::vector<std::string> environment() {
  const char* path = std::getenv("PATH");
  return {
      std::string("PATH=") +
      (path != nullptr ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")};
}

}  // namespace

OciRuntime::OciRuntime(Loop& loop, OciRuntimeSettings settings)
    : loop_(loop), settings_(std::move(settings)) {}

void OciRuntime::find(Found found) {
  if (runtime_) return found(*runtime_);
  waiting_.push_back(std::move(found));
  if (waiting_.size() > 1) return;
  next_ = 0;
  refusals_.clear();
  if (Status made = make_bundle(); !made) return answer(tl::unexpected(made.error()));
  try_next();
}

std::string OciRuntime::next_console_path() {
  return settings_.directory + "/" + kConsole + std::to_string(::getpid()) + "-" +
         std::to_string(next_console_++);
}

void OciRuntime::remove_leavings() const {
  std::error_code none;  // there may be no such directory yet
  std::vector<fs::path> left;
  for (const auto& entry : fs::directory_iterator(settings_.directory, none))
    if (entry.path().filename().string().starts_with(kConsole)) left.push_back(entry.path());
  for (const auto& entry : fs::directory_iterator(state_root(), none))
    if (entry.path().filename().string().starts_with(kTrial)) left.push_back(entry.path());
  for (const fs::path& path : left) remove_private_directory(path);
  settings_.remove_cgroups();
}

/// A root with nothing in it but the program, which says its version and is done.
Status OciRuntime::make_bundle() const {
  const std::string bundle = settings_.directory + "/trial";
  remove_private_directory(bundle);
  for (const std::string& path : {settings_.directory, state_root(), bundle, bundle + "/rootfs"})
    if (Status made = make_private_directory(path); !made) return made;
  std::error_code error;
  fs::copy_file(settings_.pause_path, bundle + "/rootfs/pause", error);
  if (error) return errno_error("cannot copy " + settings_.pause_path, error.value());
  OciContainer container;
  container.process.argv = {"/pause", "--version"};
  container.process.working_directory = "/";
  container.rootfs = "rootfs";
  container.namespaces = {{"mount", ""}, {"pid", ""}, {"network", ""}, {"ipc", ""}};
  container.cgroups_path = settings_.cgroups_path;
  std::ofstream(bundle + "/config.json") << oci_config(container);
  return {};
}

void OciRuntime::try_next() {
  if (next_ == settings_.candidates.size())
    return answer(make_error("no OCI runtime works on this host: " + refusals_ +
                             "; install one that does (Debian: runc), or name it with --runtime"));
  const std::string& candidate = settings_.candidates[next_++];
  auto child =
      ChildProcess::start(loop_,
                          {{candidate, "--root", state_root(), "run", "--bundle",
                            settings_.directory + "/trial", kTrial + std::to_string(::getpid())},
                           environment()},
                          [this](const ChildEnd& end) { on_tried(end); });
  ended_ = std::move(child_);
  if (child) {
    child_ = std::move(*child);
    return;
  }
  refusals_ += (refusals_.empty() ? "" : "; ") + child.error().message;
  try_next();
}

void OciRuntime::on_tried(const ChildEnd& end) {
  const std::string& candidate = settings_.candidates[next_ - 1];
  if (end.exit_code == 0) return answer(candidate);
  const std::string why = last_line(end.err);
  log_info("an OCI runtime does not work here", {{"runtime", candidate}, {"why", why}});
  refusals_ += (refusals_.empty() ? "" : "; ") + candidate + ": " + why;
  try_next();
}

/// Only what works is remembered: what does not may be installed meanwhile.
void OciRuntime::answer(Result<std::string> result) {
  remove_private_directory(settings_.directory + "/trial");
  settings_.remove_cgroups();
  if (result) runtime_ = *result;
  for (Found& found : std::exchange(waiting_, {})) found(result);
}

}  // namespace podvisor
