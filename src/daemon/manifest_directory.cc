#include "daemon/manifest_directory.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "log/logger.h"

namespace podvisor {
namespace {

constexpr std::size_t kMaxReports = 10;  // events of one broken file

bool is_manifest(const std::string& name) {
  if (name.empty() || name.front() == '.') return false;  // editors' temporary files
  return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

/// Every change compares all pods: of where their fields were written only the name's place is
/// still wanted, for two files that claim one name.
LoadResult named_places(LoadResult loaded) {
  for (LoadedPod& pod : loaded.pods) pod.fields = {{"metadata.name", locate(pod, "metadata.name")}};
  loaded.diagnostics.clear();
  return loaded;
}

}  // namespace

ManifestDirectory::ManifestDirectory(Daemon& daemon, std::string directory)
    : daemon_(daemon),
      directory_(std::move(directory)),
      retry_timer_(daemon.loop(), [this] { retry(); }) {
  remember(daemon.last_sources());
}

/// What is not there any more (a state that was lost) is asked for again.
void ManifestDirectory::remember(const std::vector<SourceRecord>& last) {
  for (const SourceRecord& source : last) {
    std::vector<LoadResult> objects;
    for (const std::string& document : source.documents)
      objects.push_back(daemon_.load_kept(document));
    files_[source.file] = named_places(merge(std::move(objects)));
    written_[source.file] = wanted_by(source.file);
  }
  const ObjectStore& store = daemon_.store();
  for (const auto& [name, objects] : files_) {
    for (const LoadedPod& loaded : objects.pods) {
      const ObjectMeta& meta = loaded.pod->metadata;
      if (store.find_pod(meta.namespace_, meta.name) != nullptr)
        applied_[{meta.namespace_, meta.name}] = loaded.pod->document;
    }
    for (const Loaded<ConfigObject>& loaded : objects.configs) {
      const ConfigObject& object = *loaded.object;
      const ObjectMeta& meta = object.metadata;
      if (store.find_config(object.kind, meta.namespace_, meta.name) != nullptr)
        applied_configs_[{object.kind, meta.namespace_, meta.name}] = object.document;
    }
    for (const Loaded<Service>& loaded : objects.services) {
      const ObjectMeta& meta = loaded.object->metadata;
      if (store.find_service(meta.namespace_, meta.name) != nullptr)
        applied_services_[{meta.namespace_, meta.name}] = loaded.object->document;
    }
    for (const Loaded<Deployment>& loaded : objects.deployments) {
      const ObjectMeta& meta = loaded.object->metadata;
      if (store.find_deployment(meta.namespace_, meta.name) != nullptr)
        applied_deployments_[{meta.namespace_, meta.name}] = loaded.object->document;
    }
  }
}

/// What is new is the directory's before it is made: if podvisor is killed in between, and the file
/// goes meanwhile, the next one knows whose it was.
void ManifestDirectory::write_ahead() {
  for (const std::string& name : touched_) {
    Documents documents = written_[name];
    documents.merge(wanted_by(name));
    write(name, std::move(documents));
  }
}

/// After it was acted upon: what was not done yet is then found to be wanting.
void ManifestDirectory::write_down() {
  for (const std::string& name : std::exchange(touched_, {})) write(name, wanted_by(name));
  std::erase_if(written_, [](const auto& file) { return file.second.empty(); });
}

Documents ManifestDirectory::wanted_by(const std::string& name) const {
  const auto file = files_.find(name);
  return file == files_.end() ? Documents() : documents_of(file->second);
}

void ManifestDirectory::write(const std::string& name, Documents documents) {
  Documents& written = written_[name];
  if (documents == written) return;
  written = std::move(documents);
  if (written.empty()) return daemon_.journal().forget_source(name);
  SourceRecord record{directory_, name, {}};
  for (const auto& [object, document] : written) record.documents.push_back(document);
  daemon_.journal().write_source(record);
}

void ManifestDirectory::withdraw() {
  for (const auto& [name, objects] : std::exchange(files_, {})) touched_.insert(name);
  reconcile_all();
}

void ManifestDirectory::load() {
  std::map<std::string, LoadResult> before = std::exchange(files_, {});
  for (const auto& [name, objects] : before) touched_.insert(name);
  refused_.clear();
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    const std::string name = entry.path().filename().string();
    if (!is_manifest(name)) continue;
    files_[name] = std::move(before[name]);
    load_file(name);
  }
  if (error) {  // that is no reason to stop anything
    files_.merge(before);
    return log_error("cannot read the manifest directory " + directory_ + ": " + error.message());
  }
  reconcile_all();
}

void ManifestDirectory::on_changes(const std::set<std::string>& names) {
  if (names.contains("")) return load();
  for (const std::string& name : names) {
    if (!is_manifest(name)) continue;
    std::error_code error;
    if (std::filesystem::exists(directory_ + "/" + name, error)) {
      load_file(name);
    } else {
      files_.erase(name);
      refused_.erase(name);
      touched_.insert(name);
    }
  }
  reconcile_all();
}

void ManifestDirectory::retry() {
  for (const std::string& name : std::exchange(refused_, {})) load_file(name);
  reconcile_all();
}

void ManifestDirectory::load_file(const std::string& name) {
  LoadResult loaded = load_path(directory_ + "/" + name, daemon_.load_options());
  const bool sound = loaded.ok();
  for (const LoadedPod& pod : loaded.pods) {
    std::vector<Diagnostic> problems = daemon_.check(pod);
    std::ranges::move(problems, std::back_inserter(loaded.diagnostics));
  }
  for (const Loaded<Service>& service : loaded.services) {
    std::vector<Diagnostic> problems = daemon_.check(service);
    std::ranges::move(problems, std::back_inserter(loaded.diagnostics));
  }
  for (const Loaded<Deployment>& deployment : loaded.deployments) {
    std::vector<Diagnostic> problems = daemon_.check(deployment);
    std::ranges::move(problems, std::back_inserter(loaded.diagnostics));
  }
  report(name, loaded.diagnostics);
  refused_.erase(name);
  if (loaded.ok()) {
    files_[name] = named_places(std::move(loaded));
    touched_.insert(name);
  } else if (sound) {
    refused_.insert(name);
    retry_timer_.start(daemon_.host_retry());
  }
}

void ManifestDirectory::reconcile_all() {
  std::vector<LoadResult> parts;
  for (const auto& [name, objects] : files_) parts.push_back(objects);
  const LoadResult desired = merge(std::move(parts));
  report("", desired.diagnostics);  // two files that claim one name
  write_ahead();
  const ConfigChanges configs = reconcile(applied_configs_, desired.configs);
  // What pods are made of is there before them, and goes after them.
  for (const Loaded<ConfigObject>& loaded : configs.apply) {
    const ConfigObject& object = *loaded.object;
    applied_configs_[{object.kind, object.metadata.namespace_, object.metadata.name}] =
        object.document;
    daemon_.apply(loaded);
  }
  apply_pods(reconcile(applied_, desired.pods));
  apply_deployments(reconcile(applied_deployments_, desired.deployments));
  apply_services(reconcile(applied_services_, desired.services));
  for (const ConfigName& name : configs.remove) {
    applied_configs_.erase(name);
    daemon_.store().remove_config(std::get<0>(name), std::get<1>(name), std::get<2>(name));
  }
  write_down();
}

void ManifestDirectory::apply_pods(const Changes& changes) {
  for (const PodName& name : changes.remove) {
    applied_.erase(name);
    // An error means that it was deleted already, which is what is wanted.
    static_cast<void>(daemon_.supervisor().delete_pod(name.first, name.second, std::nullopt));
  }
  for (const LoadedPod& pod : changes.apply) {
    applied_[{pod.pod->metadata.namespace_, pod.pod->metadata.name}] = pod.pod->document;
    daemon_.apply(pod);
  }
}

void ManifestDirectory::apply_deployments(const DeploymentChanges& changes) {
  for (const PodName& name : changes.remove) {
    applied_deployments_.erase(name);
    // Deleted already is what is wanted.
    static_cast<void>(daemon_.deployments().remove(name.first, name.second));
  }
  for (const Loaded<Deployment>& loaded : changes.apply) {
    const ObjectMeta& meta = loaded.object->metadata;
    applied_deployments_[{meta.namespace_, meta.name}] = loaded.object->document;
    daemon_.apply(loaded);
  }
}

void ManifestDirectory::apply_services(const ServiceChanges& changes) {
  for (const PodName& name : changes.remove) {
    applied_services_.erase(name);
    daemon_.store().remove_service(name.first, name.second);
  }
  for (const Loaded<Service>& loaded : changes.apply) {
    const ObjectMeta& meta = loaded.object->metadata;
    applied_services_[{meta.namespace_, meta.name}] = loaded.object->document;
    daemon_.apply(loaded);
  }
}

void ManifestDirectory::report(const std::string& file,
                               const std::vector<Diagnostic>& diagnostics) {
  const auto known = files_.find(file);
  EventObject event;
  event.namespace_ = "default";
  event.involved_name = file.empty() ? directory_ : file;
  if (known != files_.end() && !known->second.pods.empty()) {
    const ObjectMeta& meta = known->second.pods.front().pod->metadata;
    event.namespace_ = meta.namespace_;
    event.involved_name = meta.name;
    const PodObject* object = daemon_.store().find_pod(meta.namespace_, meta.name);
    if (object != nullptr) event.involved_uid = object->pod->metadata.uid;
  }
  for (std::size_t i = 0; i < std::min(diagnostics.size(), kMaxReports); ++i) {
    event.warning = true;
    event.reason = diagnostics[i].severity == Diagnostic::Severity::Error ? "InvalidManifest"
                                                                          : "ManifestWarning";
    event.message = to_string(diagnostics[i]);
    log_warning(event.message, {{"reason", event.reason}});
    daemon_.store().record(event, daemon_.loop().now().wall);
  }
}

}  // namespace podvisor
