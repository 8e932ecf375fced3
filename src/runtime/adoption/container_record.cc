#include "runtime/adoption/container_record.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "log/logger.h"
#include "runtime/adoption/record_file.h"

namespace podvisor {
namespace {

using nlohmann::json;

constexpr int kContainerRecordVersion = 1;

std::string folder(const std::string& directory) { return directory + "/containers"; }

std::string file(const std::string& directory, const std::string& name, int instance) {
  return folder(directory) + "/" + name + "-" + std::to_string(instance) + ".json";
}

template <typename T>
void put(json& object, const char* name, const std::optional<T>& value) {
  if (value) object[name] = *value;
}

template <typename T>
void get(const json& object, const char* name, std::optional<T>& value) {
  if (object.contains(name)) value = object.at(name).get<T>();
}

json to_json(const ProcessSpec& spec) {
  json object{{"env", spec.env},
              {"workingDirectory", spec.working_directory},
              {"oomScoreAdj", spec.oom_score_adj}};
  put(object, "uid", spec.uid);
  put(object, "gid", spec.gid);
  put(object, "groups", spec.groups);
  return object;
}

ProcessSpec to_spec(const json& object) {
  ProcessSpec spec;
  object.at("env").get_to(spec.env);
  object.at("workingDirectory").get_to(spec.working_directory);
  object.at("oomScoreAdj").get_to(spec.oom_score_adj);
  get(object, "uid", spec.uid);
  get(object, "gid", spec.gid);
  get(object, "groups", spec.groups);
  return spec;
}

json to_json(const ContainerRecord::OfImage& image) {
  return {{"runtime", image.runtime}, {"layer", image.layer}, {"stopSignal", image.stop_signal}};
}

ContainerRecord::OfImage to_image(const json& object) {
  return {object.at("runtime"), object.at("layer"), object.at("stopSignal")};
}

ContainerRecord to_record(const json& object) {
  ContainerRecord record;
  object.at("container").get_to(record.ref.container);
  object.at("instance").get_to(record.ref.instance);
  object.at("name").get_to(record.name);
  object.at("pid").get_to(record.process.pid);
  object.at("started").get_to(record.process.started);
  record.spec = to_spec(object.at("process"));
  object.at("oomKillsBefore").get_to(record.oom_kills_before);
  object.at("oomKillsReported").get_to(record.oom_kills_reported);
  get(object, "oomKillsAtEnd", record.oom_kills_at_end);
  if (object.contains("image")) record.image = to_image(object.at("image"));
  return record;
}

Result<ContainerRecord> read(const std::string& path) {
  const auto object = read_record(path);
  if (!object) return tl::unexpected(object.error());
  try {
    if (object->at("version") != kContainerRecordVersion)
      return make_error(path + " is of another version of podvisor");
    return to_record(*object);
  } catch (const json::exception& error) {
    return make_error("cannot read " + path + ": " + error.what());
  }
}

}  // namespace

Status write_container_record(const std::string& directory, const ContainerRecord& record) {
  if (::mkdir(folder(directory).c_str(), 0700) != 0 && errno != EEXIST)
    return errno_error("cannot make " + folder(directory), errno);
  json object{{"version", kContainerRecordVersion},
              {"container", record.ref.container},
              {"instance", record.ref.instance},
              {"name", record.name},
              {"pid", record.process.pid},
              {"started", record.process.started},
              {"process", to_json(record.spec)},
              {"oomKillsBefore", record.oom_kills_before},
              {"oomKillsReported", record.oom_kills_reported}};
  put(object, "oomKillsAtEnd", record.oom_kills_at_end);
  if (record.image) object["image"] = to_json(*record.image);
  return write_record(file(directory, record.name, record.ref.instance), object);
}

void remove_container_record(const std::string& directory, const std::string& name, int instance) {
  ::unlink(file(directory, name, instance).c_str());
}

std::vector<ContainerRecord> read_container_records(const std::string& directory) {
  std::vector<ContainerRecord> records;
  std::error_code none;  // a pod that never had a container
  for (const auto& entry : std::filesystem::directory_iterator(folder(directory), none)) {
    if (entry.path().extension() != ".json") continue;  // one that was being written
    auto record = read(entry.path());
    if (record)
      records.push_back(std::move(*record));
    else
      log_warning("what was written down of a container is lost",
                  {{"error", record.error().message}});
  }
  return records;
}

}  // namespace podvisor
