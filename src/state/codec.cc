#include "state/codec.h"

namespace podvisor::state {

std::string Decoder::error() const {
  std::string place;
  for (auto part = error_.rbegin(); part != error_.rend(); ++part)
    place += (place.empty() ? "" : ".") + *part;
  return place;
}

}  // namespace podvisor::state
