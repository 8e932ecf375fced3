#include "door/protocol.h"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

using Json = nlohmann::json;

namespace nlohmann {

template <>
struct adl_serializer<podvisor::Duration> {
  static void to_json(json& to, const podvisor::Duration& span) { to = span.count(); }
  static void from_json(const json& from, podvisor::Duration& span) {
    span = podvisor::Duration(from.get<std::int64_t>());
  }
};

template <typename T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& to, const std::optional<T>& value) {
    to = value ? json(*value) : json();
  }
  static void from_json(const json& from, std::optional<T>& value) {
    value.reset();
    if (!from.is_null()) value = from.get<T>();
  }
};

}  // namespace nlohmann

// Found by the JSON library through the types' namespaces. A field that is missing keeps its
// default; one of the wrong type throws, which decode() catches.
namespace podvisor {
namespace {

template <typename Enum>
void enum_from_json(const Json& from, Enum& value, Enum largest) {
  const int number = from.get<int>();
  if (number < 0 || number > static_cast<int>(largest))
    throw std::out_of_range("a value that this version does not know");
  value = static_cast<Enum>(number);
}

}  // namespace

void to_json(Json& to, const DoorMode& mode) { to = static_cast<int>(mode); }
void from_json(const Json& from, DoorMode& mode) { enum_from_json(from, mode, DoorMode::Tcp); }
void to_json(Json& to, const EndpointState& state) { to = static_cast<int>(state); }
void from_json(const Json& from, EndpointState& state) {
  enum_from_json(from, state, EndpointState::Draining);
}

#define FIELDS NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT

FIELDS(HoldLimits, timeout, held)
FIELDS(DoorListener, id, name, mode, hold, forwarded_headers, session_affinity, max_head,
       head_timeout, idle_timeout)
FIELDS(DoorEndpoint, id, address, state, handed_over_sockets)
FIELDS(DrainLimits, timeout, spread)
FIELDS(DoorCheck, endpoint, path, host, timeout)
FIELDS(DoorCounters, requests, connections, failed, rejected, retried, held_seconds,
       held_seconds_sum, open_connections, in_flight, upgraded, held)
FIELDS(EndpointLoad, listener, endpoint, in_flight, upgraded)

namespace door::message {

FIELDS(Hello, version)
FIELDS(Serve, listener)
FIELDS(StopServing, listener)
FIELDS(Endpoints, listener, endpoints)
FIELDS(BackOff, listener, remaining)
FIELDS(Drain, listener, endpoint, limits)
FIELDS(Check, listener, id, check)
FIELDS(Sockets, listener, endpoint)
FIELDS(Retire, timeout)
FIELDS(Welcome, version, pid)
FIELDS(Listener, listener, endpoints)
FIELDS(Drained, listener, endpoint, cut)
FIELDS(Checked, id, status, error)
FIELDS(SocketsWanted, listener, endpoint, count)
FIELDS(Counters, listener, counters)
FIELDS(Load, load)

#undef FIELDS

void to_json(Json& to, const Report&) { to = Json::object(); }
void from_json(const Json&, Report&) {}
void to_json(Json& to, const Synced&) { to = Json::object(); }
void from_json(const Json&, Synced&) {}
void to_json(Json& to, const Reported&) { to = Json::object(); }
void from_json(const Json&, Reported&) {}

}  // namespace door::message

namespace door {
namespace {

constexpr const char* kTypes[] = {
    "Hello",   "Serve",         "StopServing", "Endpoints", "BackOff",  "Drain",  "Check",
    "Sockets", "Report",        "Retire",      "Welcome",   "Listener", "Synced", "Drained",
    "Checked", "SocketsWanted", "Counters",    "Load",      "Reported"};
static_assert(std::size(kTypes) == std::variant_size_v<Message>);

template <std::size_t index>
bool decode_as(const std::string& type, const Json& json, Message& message) {
  if (type != kTypes[index]) return false;
  json.get_to(message.emplace<index>());
  return true;
}

template <std::size_t... index>
bool decode_any(const std::string& type, const Json& json, Message& message,
                std::index_sequence<index...>) {
  return (decode_as<index>(type, json, message) || ...);
}

}  // namespace

std::string encode(const Message& message) {
  Json json = std::visit([](const auto& one) { return Json(one); }, message);
  json["type"] = kTypes[message.index()];
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Message> decode(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    const auto type = json.at("type").get<std::string>();
    Message message;
    constexpr auto kAll = std::make_index_sequence<std::variant_size_v<Message>>();
    if (decode_any(type, json, message, kAll)) return message;
    return make_error("a message of type " + type + " is not known to this version");
  } catch (const std::exception& problem) {
    return make_error(std::string("a message could not be read: ") + problem.what());
  }
}

}  // namespace door
}  // namespace podvisor
