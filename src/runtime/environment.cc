#include "runtime/environment.h"

#include <utility>
#include <variant>

#include "podvisor/expansion.h"

namespace podvisor {
namespace {

/// As Kubernetes' API would say it.
tl::unexpected<Error> not_found(ConfigKind kind, const std::string& name) {
  const std::string what = kind == ConfigKind::ConfigMap ? "configmap" : "secret";
  return make_error(what + " \"" + name + "\" not found");
}

class Assembly {
 public:
  Assembly(const Pod& pod, const Container& container, const EnvironmentSources& sources)
      : pod_(pod), container_(container), sources_(sources) {}

  Result<Environment> run() && {
    for (const EnvFromSource& source : container_.env_from)
      if (Status added = add_all(source); !added) return tl::unexpected(added.error());
    for (const EnvVar& variable : container_.env) {
      const auto read = [&](const auto& from) { return value(variable, from); };
      auto found = std::visit(read, variable.value_from);
      if (!found) return tl::unexpected(found.error());
      if (*found) environment_.insert_or_assign(variable.name, std::move(**found));
    }
    return std::move(environment_);
  }

 private:
  /// Nothing: the variable is not set at all (ENV-6).
  using Found = Result<std::optional<std::string>>;

  [[nodiscard]] const ConfigObject* find(ConfigKind kind, const std::string& name) const {
    if (sources_.configs == nullptr) return nullptr;
    return sources_.configs->find_config(kind, pod_.metadata.namespace_, name);
  }

  [[nodiscard]] std::string full_name(const ConfigObject& object) const {
    return std::string(to_string(object.kind)) + " " + pod_.metadata.namespace_ + "/" +
           object.metadata.name;
  }

  [[nodiscard]] Status check_text(const ConfigObject& object, const std::string& key,
                                  const std::string& value) const {
    if (value.find('\0') == std::string::npos) return {};
    return make_error("the value of key " + key + " in " + full_name(object) +
                      " has a NUL byte in it, which no environment variable can hold; mount it "
                      "as a file");
  }

  /// ENV-2, ENV-3.
  Status add_all(const EnvFromSource& source) {
    const ConfigObject* object = find(source.kind, source.name);
    if (object == nullptr) return source.optional ? Status{} : not_found(source.kind, source.name);
    for (const auto& [key, value] : object->data) {
      const Status text = check_text(*object, key, value);
      // A ConfigMap's binaryData is for files; Kubernetes passes over it here too.
      if (!text && source.kind == ConfigKind::ConfigMap) continue;
      if (!text) return text;
      environment_.insert_or_assign(source.prefix + key, value);
    }
    return {};
  }

  /// ENV-4: it sees those before it.
  Found value(const EnvVar& variable, const std::monostate&) const {
    return expand_with(environment_, variable.value);
  }

  Found value(const EnvVar&, const ObjectFieldSelector& from) const {
    return field_value(pod_, from.field_path, sources_.pod_ip, sources_.node);
  }

  Found value(const EnvVar&, const ResourceFieldSelector& from) const {
    return resource_value(pod_, container_, from, sources_.node);
  }

  /// ENV-6.
  Found value(const EnvVar&, const ConfigKeySelector& from) const {
    const ConfigObject* object = find(from.kind, from.name);
    if (object == nullptr && from.optional) return std::nullopt;
    if (object == nullptr) return not_found(from.kind, from.name);
    const auto found = object->data.find(from.key);
    if (found == object->data.end() && from.optional) return std::nullopt;
    if (found == object->data.end())
      return make_error("couldn't find key " + from.key + " in " + full_name(*object));
    if (Status text = check_text(*object, from.key, found->second); !text)
      return tl::unexpected(text.error());
    return found->second;
  }

  const Pod& pod_;
  const Container& container_;
  const EnvironmentSources& sources_;
  Environment environment_;
};

}  // namespace

Result<Environment> manifest_environment(const Pod& pod, const Container& container,
                                         const EnvironmentSources& sources) {
  return Assembly(pod, container, sources).run();
}

std::string expand_with(const Environment& environment, std::string_view text) {
  return expand(text, [&](std::string_view name) -> const std::string* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : &found->second;
  });
}

}  // namespace podvisor
