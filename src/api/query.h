// Which objects of a kind a list or a watch is about: the namespace in the path, both selectors.
#pragma once

#include <optional>
#include <string>

#include "api/kinds.h"
#include "api/router.h"
#include "podvisor/result.h"

namespace podvisor {

template <typename Kind>
class Query {
 public:
  [[nodiscard]] static Result<Query> parse(const ApiRequest& request) {
    Query query;
    query.namespace_ = request["namespace"];
    auto labels = Selector::parse_labels(request.http.parameter("labelSelector").value_or(""));
    if (!labels) return tl::unexpected(labels.error());
    auto fields = Selector::parse_fields(request.http.parameter("fieldSelector").value_or(""),
                                         Kind::field_names());
    if (!fields) return tl::unexpected(fields.error());
    query.labels_ = std::move(*labels);
    query.fields_ = std::move(*fields);
    return query;
  }

  [[nodiscard]] bool matches(const typename Kind::Object& object) const {
    return (namespace_.empty() || namespace_ == Kind::namespace_(object)) &&
           (labels_.empty() || labels_.matches(Kind::labels(object))) &&
           (fields_.empty() || fields_.matches(Kind::fields(object)));
  }

 private:
  std::string namespace_;  ///< empty: all
  Selector labels_;
  Selector fields_;
};

}  // namespace podvisor
