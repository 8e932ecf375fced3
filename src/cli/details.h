// The text of `describe`, block by block, as kubectl lays it out.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/columns.h"
#include "cli/fields.h"
#include "podvisor/time.h"

namespace podvisor::cli {

class Details {
 public:
  /// `label:  value`, two spaces in for each level.
  void pair(int level, const std::string& label, const std::string& value) {
    line(level, {label + ":", value});
  }
  void title(int level, const std::string& label) { line(level, {label + ":"}); }
  void line(int level, Columns::Line cells) {
    cells.front().insert(0, static_cast<std::size_t>(level) * 2, ' ');
    columns_.add(std::move(cells));
  }
  /// What follows is aligned apart from what came before.
  void end_block() { text_ += columns_.flush(); }
  [[nodiscard]] std::string take_text() {
    end_block();
    return std::move(text_);
  }

 private:
  Columns columns_ = detail_columns();
  std::string text_;
};

/// One container of `pod` with its status (null: none yet).
void describe_container(Details& details, const Json& pod, const Json& container,
                        const Json& status);
/// "http-get http://:8080/ delay=0s timeout=1s period=10s #success=1 #failure=3"
[[nodiscard]] std::string describe_probe(const Json& probe);
/// The whole of `describe pod`. `events` is an array of the pod's events.
[[nodiscard]] std::string describe_pod(const Json& pod, const Json& events, WallTime now);
void describe_events(Details& details, const Json& events, WallTime now);
[[nodiscard]] std::string describe_deployment(const Json& deployment, const Json& events,
                                              WallTime now);
[[nodiscard]] std::string describe_config_map(const Json& map);
/// Without the values: only how long they are.
[[nodiscard]] std::string describe_secret(const Json& secret);
/// `endpoints` is the Endpoints object of the same name.
[[nodiscard]] std::string describe_service(const Json& service, const Json& endpoints);
/// Labels or the like, one a line: "Labels:  app=web".
void describe_map(Details& details, const std::string& label, const Json& map,
                  const std::string& separator);
/// `pods` are those of the node.
[[nodiscard]] std::string describe_node(const Json& node, const std::vector<Json>& pods,
                                        WallTime now);

}  // namespace podvisor::cli
