#include "runtime/adoption/sandbox_record.h"

#include <nlohmann/json.hpp>

#include "runtime/adoption/record_file.h"

namespace podvisor {
namespace {

constexpr int kSandboxRecordVersion = 1;
constexpr const char* kName = "/sandbox.json";

}  // namespace

Status write_sandbox_record(const std::string& directory, const SandboxRecord& record) {
  return write_record(directory + kName, {{"version", kSandboxRecordVersion},
                                          {"attempt", record.attempt},
                                          {"boot", record.boot},
                                          {"pause", record.pause.pid},
                                          {"pauseStarted", record.pause.started},
                                          {"listener", record.listener},
                                          {"networkNamespace", record.network_namespace},
                                          {"podIP", record.pod_ip},
                                          {"hostname", record.hostname},
                                          {"attached", record.attached}});
}

Result<SandboxRecord> read_sandbox_record(const std::string& directory) {
  const auto json = read_record(directory + kName);
  if (!json) return tl::unexpected(json.error());
  try {
    if (json->at("version") != kSandboxRecordVersion)
      return make_error(directory + kName + " is of another version of podvisor");
    SandboxRecord record;
    json->at("attempt").get_to(record.attempt);
    json->at("boot").get_to(record.boot);
    json->at("pause").get_to(record.pause.pid);
    json->at("pauseStarted").get_to(record.pause.started);
    json->at("listener").get_to(record.listener);
    json->at("networkNamespace").get_to(record.network_namespace);
    json->at("podIP").get_to(record.pod_ip);
    json->at("hostname").get_to(record.hostname);
    json->at("attached").get_to(record.attached);
    return record;
  } catch (const nlohmann::json::exception& error) {
    return make_error("cannot read " + directory + kName + ": " + error.what());
  }
}

}  // namespace podvisor
