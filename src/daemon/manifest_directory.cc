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
      written_(daemon.last_source()),
      retry_timer_(daemon.loop(), [this] { retry(); }) {
  remember(written_);
}

/// What is not there any more (a state that was lost) is asked for again.
void ManifestDirectory::remember(const SourceRecord& last) {
  for (const auto& [name, documents] : last.files) {
    std::vector<LoadResult> objects;
    for (const std::string& document : documents) objects.push_back(daemon_.load_kept(document));
    files_[name].objects = named_places(merge(std::move(objects)));
  }
  const ObjectStore& store = daemon_.store();
  for (const auto& [name, file] : files_) {
    for (const LoadedPod& loaded : file.objects.pods) {
      const ObjectMeta& meta = loaded.pod->metadata;
      if (store.find_pod(meta.namespace_, meta.name) != nullptr)
        applied_[{meta.namespace_, meta.name}] = loaded.pod->document;
    }
    for (const Loaded<ConfigObject>& loaded : file.objects.configs) {
      const ConfigObject& object = *loaded.object;
      const ObjectMeta& meta = object.metadata;
      if (store.find_config(object.kind, meta.namespace_, meta.name) != nullptr)
        applied_configs_[{object.kind, meta.namespace_, meta.name}] = object.document;
    }
    for (const Loaded<Service>& loaded : file.objects.services) {
      const ObjectMeta& meta = loaded.object->metadata;
      if (store.find_service(meta.namespace_, meta.name) != nullptr)
        applied_services_[{meta.namespace_, meta.name}] = loaded.object->document;
    }
    for (const Loaded<Deployment>& loaded : file.objects.deployments) {
      const ObjectMeta& meta = loaded.object->metadata;
      if (store.find_deployment(meta.namespace_, meta.name) != nullptr)
        applied_deployments_[{meta.namespace_, meta.name}] = loaded.object->document;
    }
  }
}

/// What is new is the directory's before it is made: if podvisor is killed in between, and the file
/// goes meanwhile, the next one knows whose it was.
void ManifestDirectory::write_ahead() {
  SourceRecord record{directory_, written_.files};
  for (const auto& entry : files_) {
    const File& file = entry.second;
    const auto add = [&](const auto& object, bool applied) {
      if (!applied) record.files[entry.first].push_back(object.document);
    };
    const auto name_of = [](const auto& object) {
      return PodName{object.metadata.namespace_, object.metadata.name};
    };
    for (const auto& loaded : file.objects.pods)
      add(*loaded.pod, applied_.contains(name_of(*loaded.pod)));
    for (const auto& loaded : file.objects.configs) {
      const auto [namespace_, object] = name_of(*loaded.object);
      add(*loaded.object, applied_configs_.contains({loaded.object->kind, namespace_, object}));
    }
    for (const auto& loaded : file.objects.services)
      add(*loaded.object, applied_services_.contains(name_of(*loaded.object)));
    for (const auto& loaded : file.objects.deployments)
      add(*loaded.object, applied_deployments_.contains(name_of(*loaded.object)));
  }
  write(std::move(record));
}

/// After it was acted upon: what was not done yet is then found to be wanting.
void ManifestDirectory::write_down() {
  SourceRecord record{directory_, {}};
  for (const auto& [name, file] : files_) {
    std::vector<std::string> documents;
    for (const auto& loaded : file.objects.pods) documents.push_back(loaded.pod->document);
    for (const auto& loaded : file.objects.configs) documents.push_back(loaded.object->document);
    for (const auto& loaded : file.objects.services) documents.push_back(loaded.object->document);
    for (const auto& loaded : file.objects.deployments)
      documents.push_back(loaded.object->document);
    if (!documents.empty()) record.files[name] = std::move(documents);
  }
  write(std::move(record));
}

void ManifestDirectory::write(SourceRecord record) {
  if (record == written_) return;
  daemon_.journal().write_source(record);
  written_ = std::move(record);
}

void ManifestDirectory::withdraw() {
  files_.clear();
  reconcile_all();
}

void ManifestDirectory::load() {
  std::map<std::string, File> before = std::exchange(files_, {});
  refused_.clear();
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
    const std::string name = entry.path().filename().string();
    if (!is_manifest(name)) continue;
    files_[name] = std::move(before[name]);
    load_file(name);
  }
  if (error) {  // that is no reason to stop anything
    for (auto& [name, file] : files_) before[name] = std::move(file);
    files_ = std::move(before);
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
    files_[name].objects = named_places(std::move(loaded));
  } else if (sound) {
    refused_.insert(name);
    retry_timer_.start(daemon_.host_retry());
  }
}

void ManifestDirectory::reconcile_all() {
  std::vector<LoadResult> parts;
  for (const auto& [name, file] : files_) parts.push_back(file.objects);
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
  if (known != files_.end() && !known->second.objects.pods.empty()) {
    const ObjectMeta& meta = known->second.objects.pods.front().pod->metadata;
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
