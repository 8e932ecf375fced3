// Where ConfigMaps and Secrets are looked up when a container starts or a volume is written. Loop
// thread only.
#pragma once

#include <string>

#include "podvisor/config_object.h"

namespace podvisor {

class ConfigSource {
 public:
  virtual ~ConfigSource() = default;
  /// nullptr: there is none. Valid until the object is next changed.
  [[nodiscard]] virtual const ConfigObject* find_config(ConfigKind kind,
                                                        const std::string& namespace_,
                                                        const std::string& name) const = 0;
};

}  // namespace podvisor
