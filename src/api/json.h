// How the API writes JSON. Whatever a program put into a message is sent as valid UTF-8.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "http/message.h"
#include "podvisor/time.h"

namespace podvisor {

using Json = nlohmann::json;

/// On one line; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_text(const Json& json);
[[nodiscard]] HttpResponse json_response(const Json& json, int status = 200);

/// RFC 3339 in UTC with second resolution, as metav1.Time; null for the epoch, which means unset.
[[nodiscard]] Json time_json(WallTime time);

/// A v1 List of that kind: items in their order, metadata.resourceVersion.
[[nodiscard]] Json list_json(const char* kind, Json items, std::uint64_t resource_version);

/// Sets a member unless the text is empty, as Go's omitempty.
void set_unless_empty(Json& object, const char* key, const std::string& text);

}  // namespace podvisor
