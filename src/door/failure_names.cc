#include "podvisor/ports/door.h"

namespace podvisor {

const char* to_string(DoorFailure failure) {
  switch (failure) {
    case DoorFailure::HoldTimeout:
      return "hold_timeout";
    case DoorFailure::HoldFull:
      return "hold_full";
    case DoorFailure::BackOff:
      return "back_off";
    case DoorFailure::Connect:
      return "connect";
    case DoorFailure::NoAnswer:
      return "no_answer";
    case DoorFailure::BadAnswer:
      return "bad_answer";
    case DoorFailure::Truncated:
      return "truncated";
    case DoorFailure::DrainTimeout:
      return "drain_timeout";
    case DoorFailure::Stopped:
      return "stopped";
  }
  return "unknown";
}

}  // namespace podvisor
