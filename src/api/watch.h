// ?watch=true: one line of JSON, {"type", "object"}, for every change that a query is about.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "api/context.h"
#include "api/query.h"
#include "http/message.h"
#include "http/stream.h"

namespace podvisor {

template <typename Kind>
class Watch : public std::enable_shared_from_this<Watch<Kind>> {
 public:
  using Object = typename Kind::Object;

  Watch(ApiContext& context, Query<Kind> query) : context_(context), query_(std::move(query)) {}

  /// Without `since`: first everything that exists, as ADDED. With it: what has changed since that
  /// resourceVersion; changes of one object may have become one. `removed` must be complete since.
  [[nodiscard]] HttpStreaming begin(std::optional<std::uint64_t> since,
                                    const Removals<Kind>& removed, std::optional<Seconds> timeout);

 private:
  [[nodiscard]] std::string everything();
  [[nodiscard]] std::string changes_since(std::uint64_t version, const Removals<Kind>& removed);
  void attach(std::shared_ptr<HttpStream> stream, std::optional<Seconds> timeout);
  void on_change(ChangeType type, const Object& object);

  ApiContext& context_;
  Query<Kind> query_;
  std::set<std::string> shown_;  ///< uids of what the client knows to match
  std::shared_ptr<HttpStream> stream_;
  std::uint64_t store_watch_ = 0;
  std::unique_ptr<Timer> timeout_;
};

}  // namespace podvisor
