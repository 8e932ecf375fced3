#include "cli/event_row.h"

#include <algorithm>

#include "cli/text.h"

namespace podvisor::cli {
namespace {

std::string first_seen(const Json& event) {
  const std::string time = raw_text(event, "eventTime");
  return time.empty() ? raw_text(event, "firstTimestamp") : time;
}

std::string repeated(const std::string& last, std::int64_t count, const std::string& first,
                     WallTime now) {
  return age(last, now) + " (x" + std::to_string(count) + " over " + age(first, now) + ")";
}

}  // namespace

std::string event_time(const Json& event) {
  for (const char* path : {"series.lastObservedTime", "lastTimestamp", "eventTime"})
    if (const std::string time = raw_text(event, path); !time.empty()) return time;
  return {};
}

void sort_events(std::vector<Json>& events) {
  std::stable_sort(events.begin(), events.end(), [](const Json& a, const Json& b) {
    return parse_time(event_time(a)).value_or(WallTime{}) <
           parse_time(event_time(b)).value_or(WallTime{});
  });
}

std::string event_interval(const Json& event, WallTime now) {
  const std::string first = first_seen(event);
  if (has(event, "series"))
    return repeated(raw_text(event, "series.lastObservedTime"), number(event, "series.count"),
                    first, now);
  if (number(event, "count") > 1)
    return repeated(raw_text(event, "lastTimestamp"), number(event, "count"), first, now);
  return age(first, now);
}

std::string event_message(const Json& event) {
  std::string message = raw_text(event, "message");
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
  while (!message.empty() && blank(message.back())) message.pop_back();
  message.erase(message.begin(), std::find_if_not(message.begin(), message.end(), blank));
  if (const auto end = message.find_first_of("\f\n\r"); end != std::string::npos)
    message = message.substr(0, end) + "...";
  return printable(message);
}

std::vector<std::string> event_header(bool namespaces) {
  std::vector<std::string> cells{"LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"};
  if (namespaces) cells.insert(cells.begin(), "NAMESPACE");
  return cells;
}

std::vector<std::string> event_cells(const Json& event, bool namespaces, WallTime now) {
  std::vector<std::string> cells{
      event_interval(event, now), text(event, "type"), text(event, "reason"),
      text(event, "involvedObject.kind") + "/" + text(event, "involvedObject.name"),
      event_message(event)};
  if (namespaces) cells.insert(cells.begin(), text(event, "metadata.namespace"));
  return cells;
}

}  // namespace podvisor::cli
