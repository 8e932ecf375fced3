#include "state/text.h"

#include "state/codec.h"

namespace podvisor::state {

void fields(Is<Stamp> auto& value, auto&& each) {
  auto& [boot, at] = value;
  each("boot", boot);
  each("at", at);
}

void fields(Is<PodFile> auto& value, auto&& each) {
  auto& [uid, document, network, pids_limit] = value;
  each("uid", uid);
  each("document", document);
  each("network", network);
  each("pidsLimit", pids_limit);
}

void fields(Is<StateFile> auto& value, auto&& each) {
  auto& [facts, now] = value;
  each("facts", facts);
  each("state", now);
}

namespace {

Result<Json> parse(std::string_view text) {
  if (text.empty()) return make_error("it is empty");
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return make_error("it is no JSON object, or a part of one");
  const auto schema = json.find("schema");
  if (schema == json.end() || !schema->is_number_integer())
    return make_error("it does not say which schema it has");
  if (*schema > kSchemaVersion || *schema < 1)
    return make_error("its schema is " + schema->dump() + ", and this podvisor knows those until " +
                      std::to_string(kSchemaVersion));
  return json;
}

template <typename T>
Result<T> read(const Json& json, Duration shift) {
  T value;
  Decoder decoder(shift);
  if (decoder.read(json, value)) return value;
  return make_error(decoder.error() + " is not what it can be");
}

template <typename T>
Result<T> read_unstamped(std::string_view text) {
  const Result<Json> json = parse(text);
  if (!json) return tl::unexpected(json.error());
  return read<T>(*json, Duration{0});
}

template <typename T>
Result<T> read_stamped(std::string_view text, const Stamp& now) {
  const Result<Json> json = parse(text);
  if (!json) return tl::unexpected(json.error());
  const auto stamp = json->find("stamp");
  if (stamp == json->end()) return make_error("it does not say when it was written");
  const Result<Stamp> written = read<Stamp>(*stamp, Duration{0});
  if (!written) return tl::unexpected(written.error());
  return read<T>(*json, shift_between(*written, now));
}

/// What a program printed may be no UTF-8.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// `body` is an object's text; the result is that object with two members more.
std::string stamped(const std::string& body, const Stamp& stamp) {
  return "{\"schema\":" + std::to_string(kSchemaVersion) + ",\"stamp\":" + dump(encode(stamp)) +
         "," + body.substr(1) + "\n";
}

std::string unstamped(const std::string& body) {
  return "{\"schema\":" + std::to_string(kSchemaVersion) + "," + body.substr(1) + "\n";
}

}  // namespace

std::string pod_text(const Pod& pod) {
  const PodFile file{pod.metadata.uid, pod.document, pod.spec.network, pod.spec.pids_limit};
  return unstamped(dump(encode(file)));
}

Result<PodFile> read_pod(std::string_view text) { return read_unstamped<PodFile>(text); }

std::string state_body(const PodRecord& facts, const PodState& state) {
  Json json = Json::object();
  json["facts"] = encode(facts);
  json["state"] = encode(state);
  return dump(json);
}

std::string state_text(const std::string& body, const Stamp& stamp) { return stamped(body, stamp); }

Result<StateFile> read_state(std::string_view text, const Stamp& now) {
  return read_stamped<StateFile>(text, now);
}

std::string rollout_body(const RolloutRecord& record) { return dump(encode(record)); }

std::string rollout_text(const std::string& body, const Stamp& stamp) {
  return stamped(body, stamp);
}

Result<RolloutRecord> read_rollout(std::string_view text, const Stamp& now) {
  return read_stamped<RolloutRecord>(text, now);
}

std::string object_text(const ObjectRecord& record) { return unstamped(dump(encode(record))); }

Result<ObjectRecord> read_object(std::string_view text) {
  return read_unstamped<ObjectRecord>(text);
}

std::string source_text(const SourceRecord& record) { return unstamped(dump(encode(record))); }

Result<SourceRecord> read_source(std::string_view text) {
  return read_unstamped<SourceRecord>(text);
}

}  // namespace podvisor::state
