#include "images/image_pull.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "images/image_files.h"
#include "images/image_record.h"
#include "podvisor/uid.h"

namespace podvisor {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSignaturePolicy = "/etc/containers/policy.json";
/// As Go and so the registries call it.
#if defined(__x86_64__)
constexpr const char* kArchitecture = "amd64";
#elif defined(__aarch64__)
constexpr const char* kArchitecture = "arm64";
#else
constexpr const char* kArchitecture = "unknown";
#endif

/// What the programs may know of our environment: where things are, and proxies.
std::vector<std::string> program_environment() {
  std::vector<std::string> env{"LC_ALL=C"};
  for (const char* name : {"PATH", "HOME", "XDG_RUNTIME_DIR", "REGISTRY_AUTH_FILE", "TMPDIR",
                           "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy",
                           "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"})
    if (const char* value = std::getenv(name)) env.push_back(std::string(name) + "=" + value);
  return env;
}

/// skopeo's last line has the reason, in logrus's form: time="…" level=fatal msg="…".
std::string reason_of(const ChildEnd& end) {
  std::string text = end.err;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  text.erase(0, text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
  const std::size_t message = text.find("msg=\"");
  if (message != std::string::npos && text.ends_with('"'))
    text = text.substr(message + 5, text.size() - message - 6);
  for (std::size_t at = 0; (at = text.find("\\\"", at)) != std::string::npos;) text.erase(at, 1);
  return text.empty() ? "it ended with exit code " + std::to_string(end.exit_code) : text;
}

std::int64_t size_of(const std::string& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0 ? facts.st_size : 0;
}

}  // namespace

struct ImagePull::Job {
  Job(ImageStore images, std::string stored_as)
      : store(std::move(images)), name(std::move(stored_as)) {}
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  ~Job() {
    if (workspace) store.discard(*workspace);
  }

  const ImageStore store;
  std::string name;
  std::optional<ImageStore::Workspace> workspace;
  std::optional<ImageStore::Pulled> pulled;
  Status status;
  bool abandoned = false;  ///< loop thread only
};

ImagePull::ImagePull(Loop& loop, const ImageStore& store, const PullSettings& settings,
                     ImageReference source, std::string name,
                     std::vector<std::string> auth_documents, Done done)
    : loop_(loop),
      settings_(settings),
      source_(std::move(source)),
      name_(std::move(name)),
      auth_documents_(std::move(auth_documents)),
      done_(std::move(done)),
      job_(std::make_shared<Job>(store, name_)),
      start_timer_(loop, [this] { start(); }),
      timeout_timer_(
          loop, [this] { finish(make_error("it took longer than podvisor waits for an image")); }),
      started_(loop.now().monotonic) {
  start_timer_.start(Duration{0});
  timeout_timer_.start(settings_.timeout);
}

ImagePull::~ImagePull() {
  inspection_.reset();
  child_.reset();
  if (!auth_file_.empty()) ::unlink(auth_file_.c_str());
  job_->abandoned = true;
  // Removing what has arrived takes its time: on another thread, unless one is at it already.
  auto job = std::make_shared<std::shared_ptr<Job>>(std::move(job_));
  run_blocking(
      loop_, [job] { job->reset(); }, [] {});
}

void ImagePull::blocking(std::function<Status(Job&)> work, std::function<void()> next) {
  auto job = job_;
  run_blocking(
      loop_, [job, work = std::move(work)] { job->status = work(*job); },
      [this, job, next = std::move(next)] {
        if (job->abandoned) return;
        if (!job->status) return finish(std::move(job->status));
        next();
      });
}

void ImagePull::start() {
  if (Status written = write_auth_file(); !written) return finish(std::move(written));
  blocking(
      [](Job& job) -> Status {
        auto workspace = job.store.make_workspace();
        if (!workspace) return tl::unexpected(workspace.error());
        job.workspace = std::move(*workspace);
        return {};
      },
      [this] { copy(); });
}

Status ImagePull::write_auth_file() {
  if (auth_documents_.empty()) return {};
  const auto merged = merge_auth_documents(auth_documents_);
  if (!merged) return tl::unexpected(merged.error());
  if (Status made = make_store_directory(settings_.runtime_dir + "/auth"); !made) return made;
  const std::string path = settings_.runtime_dir + "/auth/" + make_uid() + ".json";
  const Status written = write_document(path, *merged);
  if (written) auth_file_ = path;
  return written;
}

/// skopeo's first words; the options for the source have another name in each of its commands.
std::vector<std::string> ImagePull::skopeo(const char* command, const char* no_tls,
                                           const char* authfile) const {
  std::vector<std::string> argv{settings_.skopeo};
  if (::access(kSignaturePolicy, F_OK) != 0) argv.emplace_back("--insecure-policy");
  argv.emplace_back(command);
  const auto& insecure = settings_.insecure_registries;
  if (source_.transport == ImageReference::Transport::Registry &&
      (is_on_loopback(source_) || std::ranges::find(insecure, source_.registry) != insecure.end()))
    argv.emplace_back(no_tls);
  if (!auth_file_.empty()) argv.push_back(authfile + auth_file_);
  return argv;
}

std::vector<std::string> ImagePull::copy_command() const {
  std::vector<std::string> argv = skopeo("copy", "--src-tls-verify=false", "--src-authfile=");
  argv.insert(argv.end(), {"--retry-times", "2"});
  argv.push_back(skopeo_source(source_));
  argv.push_back("oci:" + job_->workspace->path + ":image");
  return argv;
}

void ImagePull::run(const std::vector<std::string>& argv, ChildProcess::Done done) {
  auto child = ChildProcess::start(loop_, {argv, program_environment()}, std::move(done));
  if (child) {
    child_ = std::move(*child);
    return;
  }
  finish(make_error(child.error().message + "; on Debian: apt-get install skopeo umoci",
                    child.error().error_number));
}

void ImagePull::copy() {
  if (settings_.ask_for_sizes && source_.transport == ImageReference::Transport::Registry)
    ask_for_sizes(skopeo_source(source_));
  run(copy_command(), [this](const ChildEnd& end) { on_copied(end); });
}

/// Beside the copy, so that nothing waits for it; an answer that does not come only means that
/// nobody is told how much there is to do.
void ImagePull::ask_for_sizes(const std::string& source) {
  std::vector<std::string> argv = skopeo("inspect", "--tls-verify=false", "--authfile=");
  argv.insert(argv.end(), {"--raw", source});
  auto child = ChildProcess::start(loop_, {argv, program_environment(), kMaxImageDocument},
                                   [this](const ChildEnd& end) { on_sizes(end); });
  ended_inspection_ = std::move(inspection_);
  if (child) inspection_ = std::move(*child);
}

void ImagePull::on_sizes(const ChildEnd& end) {
  if (end.exit_code != 0) return;
  if (const auto digest = parse_manifest_list(end.out, kArchitecture)) {
    const bool listed_again = ended_inspection_ != nullptr;
    if (!listed_again)
      ask_for_sizes("docker://" + source_.registry + "/" + source_.repository + "@" + *digest);
    return;
  }
  if (auto manifest = parse_image_manifest(end.out)) announced_ = std::move(*manifest);
}

void ImagePull::on_copied(const ChildEnd& end) {
  if (end.exit_code != 0) return finish(make_error(reason_of(end)));
  examine();
}

void ImagePull::examine() {
  blocking(
      [](Job& job) -> Status {
        auto pulled = job.store.examine(*job.workspace);
        if (!pulled) return tl::unexpected(pulled.error());
        job.pulled = std::move(*pulled);
        return {};
      },
      [this] { job_->pulled->unpacked ? commit() : unpack(); });
}

void ImagePull::unpack() {
  unpacking_ = true;
  const std::string& path = job_->workspace->path;
  run({settings_.umoci, "raw", "unpack", "--image", path + ":image", path + "/rootfs"},
      [this](const ChildEnd& end) {
        if (end.exit_code != 0) return finish(make_error("cannot unpack it: " + reason_of(end)));
        commit();
      });
}

void ImagePull::commit() {
  blocking([](Job& job) { return job.store.commit(*job.workspace, *job.pulled, job.name); },
           [this] { finish({}); });
}

void ImagePull::finish(Status status) {
  timeout_timer_.stop();
  child_.reset();
  if (done_) std::exchange(done_, {})(std::move(status));
}

PullProgress ImagePull::progress() const {
  PullProgress progress;
  progress.image = name_;
  progress.unpacking = unpacking_;
  progress.elapsed = loop_.now().monotonic - started_;
  if (!job_->workspace) return progress;
  const std::string& path = job_->workspace->path;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error))
    if (entry.path().filename().string().starts_with("oci-put-blob"))
      progress.bytes += size_of(entry.path());
  const auto& manifest = job_->pulled ? std::optional(job_->pulled->manifest) : announced_;
  if (!manifest) return progress;
  progress.total_bytes = layer_bytes(*manifest);
  progress.layers = static_cast<int>(manifest->layers.size());
  for (const ImageBlob& layer : manifest->layers) {
    const std::string hex = layer.digest.substr(layer.digest.find(':') + 1);
    if (::access((path + "/blobs/sha256/" + hex).c_str(), F_OK) != 0) continue;
    ++progress.layers_done;
    progress.bytes += layer.size;
  }
  progress.bytes = std::min(progress.bytes, progress.total_bytes);
  return progress;
}

Result<std::string> merge_auth_documents(const std::vector<std::string>& documents) {
  nlohmann::json merged{{"auths", nlohmann::json::object()}};
  for (const std::string& document : documents) {
    const auto json = nlohmann::json::parse(document, nullptr, false);
    if (!json.is_object() || !json.contains("auths") || !json["auths"].is_object())
      return make_error("an image pull secret is no dockerconfigjson document with \"auths\"");
    for (const auto& [registry, auth] : json["auths"].items())
      if (!merged["auths"].contains(registry)) merged["auths"][registry] = auth;
  }
  return merged.dump();
}

}  // namespace podvisor
