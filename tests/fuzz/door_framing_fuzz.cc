// Any bytes must frame to messages or an error, the same ones however they arrive: no crash, no
// message that ends elsewhere when it comes in pieces.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "door/first_bytes.h"
#include "door/framing.h"
#include "door/head_edit.h"

using podvisor::door::Framing;
using podvisor::door::FramingError;

namespace {

constexpr std::size_t kMaxHead = 4096;

struct Outcome {
  std::vector<std::size_t> ends;
  FramingError error = FramingError::None;
};

/// The first byte of the input says how large the pieces are.
Outcome frame(Framing::Kind kind, std::string_view bytes, std::size_t piece) {
  Outcome outcome;
  Framing framing(kind);
  framing.start(kMaxHead);
  std::size_t framed = 0;
  for (std::size_t known = std::min(piece, bytes.size()); outcome.ends.size() < 64;) {
    const std::size_t used = framing.feed(bytes.substr(framed, known - framed));
    if (used > known - framed) std::abort();
    framed += used;
    if (framing.error() != FramingError::None) break;
    if (framing.done()) {
      outcome.ends.push_back(framed);
      framing.start(kMaxHead);
      if (framed == bytes.size()) break;
    } else if (used == 0) {
      if (known == bytes.size()) break;
      known = std::min(known + piece, bytes.size());
    }
  }
  outcome.error = framing.error();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = 1 + data[0] % 64;
  (void)podvisor::door::classify_first_bytes(bytes);
  for (const auto kind : {Framing::Kind::Request, Framing::Kind::Response}) {
    const Outcome whole = frame(kind, bytes, bytes.size());
    const Outcome pieces = frame(kind, bytes, piece);
    // What is wrong may be seen at another byte, but messages end where they end.
    if (whole.ends != pieces.ends) std::abort();
  }
  return 0;
}
