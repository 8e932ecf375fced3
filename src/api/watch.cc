#include "api/watch.h"

#include <map>
#include <utility>

#include "api/json.h"

namespace podvisor {
namespace {

const char* word(ChangeType type) {
  switch (type) {
    case ChangeType::Added:
      return "ADDED";
    case ChangeType::Modified:
      return "MODIFIED";
    case ChangeType::Deleted:
      break;
  }
  return "DELETED";
}

template <typename Object>
std::string line(ChangeType type, const Object& object) {
  return json_text({{"type", word(type)}, {"object", object_json(object)}}) + "\n";
}

}  // namespace

template <typename Kind>
HttpStreaming Watch<Kind>::begin(std::optional<std::uint64_t> since, const Removals<Kind>& removed,
                                 std::optional<Seconds> timeout) {
  Kind::for_each(context_.store, [&](const Object& object) {
    if (query_.matches(object)) shown_.insert(Kind::uid(object));
  });
  return {"application/json", since ? changes_since(*since, removed) : everything(),
          [self = this->shared_from_this(), timeout](std::shared_ptr<HttpStream> stream) {
            self->attach(std::move(stream), timeout);
          }};
}

template <typename Kind>
std::string Watch<Kind>::everything() {
  std::string lines;
  Kind::for_each(context_.store, [&](const Object& object) {
    if (query_.matches(object)) lines += line(ChangeType::Added, object);
  });
  return lines;
}

template <typename Kind>
std::string Watch<Kind>::changes_since(std::uint64_t version, const Removals<Kind>& removed) {
  std::map<std::uint64_t, std::string> in_order;
  Kind::for_each(context_.store, [&](const Object& object) {
    if (object.resource_version <= version || !query_.matches(object)) return;
    const bool is_new = object.created_version > version;
    in_order[object.resource_version] =
        line(is_new ? ChangeType::Added : ChangeType::Modified, object);
  });
  for (const Object& object : removed.objects()) {
    const bool was_known = object.created_version <= version;
    if (was_known && object.resource_version > version && query_.matches(object))
      in_order[object.resource_version] = line(ChangeType::Deleted, object);
  }
  std::string lines;
  for (const auto& [changed, text] : in_order) lines += text;
  return lines;
}

template <typename Kind>
void Watch<Kind>::attach(std::shared_ptr<HttpStream> stream, std::optional<Seconds> timeout) {
  stream_ = std::move(stream);
  std::erase_if(context_.watches, [](const auto& watch) { return watch.expired(); });
  context_.watches.push_back(stream_);
  const auto self = this->shared_from_this();
  store_watch_ = Kind::watch(context_.store, [self](ChangeType type, const Object& object) {
    self->on_change(type, object);
  });
  stream_->on_close([self] {
    self->context_.store.unwatch(self->store_watch_);
    self->timeout_.reset();
    self->stream_.reset();
  });
  if (!timeout) return;
  timeout_ = std::make_unique<Timer>(context_.loop, [this] { stream_->end(); });
  timeout_->start(*timeout);
}

template <typename Kind>
void Watch<Kind>::on_change(ChangeType type, const Object& object) {
  if (!stream_ || stream_->ended()) return;
  const std::string& uid = Kind::uid(object);
  const bool known = shown_.contains(uid);
  if (type != ChangeType::Deleted && query_.matches(object)) {
    shown_.insert(uid);
    stream_->write(line(known ? ChangeType::Modified : ChangeType::Added, object));
  } else if (known) {  // gone, or no longer what was asked for
    shown_.erase(uid);
    stream_->write(line(ChangeType::Deleted, object));
  }
}

template class Watch<PodKind>;
template class Watch<EventKind>;
template class Watch<ServiceKind>;
template class Watch<DeploymentKind>;
template class Watch<ConfigMapKind>;
template class Watch<SecretKind>;

}  // namespace podvisor
