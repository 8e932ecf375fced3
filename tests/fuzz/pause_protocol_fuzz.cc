// Whatever comes over pause's socket is a request, or none; and whatever comes back is a reply, or
// none. What a request leads to lies within the message, the arena and the descriptors.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "pause/protocol.h"

using namespace podvisor::pause;

namespace {

void touch(const char* text) {
  volatile std::size_t length = text != nullptr ? std::strlen(text) : 0;
  (void)length;
}

void check_descriptor(int fd) {
  if (fd != -1 && (fd < 1000 || fd >= 1004)) std::abort();
}

void touch(const SpawnView& spawn) {
  for (char** strings : {spawn.argv, spawn.env})
    for (; strings != nullptr && *strings != nullptr; ++strings) touch(*strings);
  touch(spawn.working_directory);
  touch(spawn.app_armor);
  for (const MountView& mount : spawn.mounts.span()) {
    check_descriptor(mount.tree);
    touch(mount.target);
  }
  for (const int fd : spawn.namespaces.span()) check_descriptor(fd);
  for (const int fd : spawn.cgroup_tasks.span()) check_descriptor(fd);
  for (const int fd : spawn.kept.span()) check_descriptor(fd);
  for (const int fd : spawn.stdio) check_descriptor(fd);
  check_descriptor(spawn.cgroup_directory);
  for (const auto list : {spawn.seccomp, spawn.masked_paths, spawn.read_only_paths})
    for (const char c : list) {
      volatile char read = c;
      (void)read;
    }
}

/// In buffers of that size exactly: what is beyond is seen.
void decode(const std::vector<char>& bytes) {
  std::vector<char> message = bytes;
  const std::array<int, 4> descriptors{1000, 1001, 1002, 1003};
  std::vector<char*> arena(64);
  const auto request = std::make_unique<Request>();
  if (decode_request(message, descriptors, arena, *request)) touch(request->spawn);

  Reply reply;
  if (!decode_reply(bytes, reply)) return;
  std::array<char, kMaxReply> again{};
  Reply same;
  const std::size_t length = encode_reply(reply, again);
  if (length > again.size() || !decode_reply({again.data(), length}, same) || same.id != reply.id ||
      same.wait_status != reply.wait_status || same.pid != reply.pid)
    std::abort();
}

}  // namespace

/// As they are, and with a header that is right.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  decode({data, data + size});
  std::vector<char> whole(64 + size);
  Writer writer(whole, static_cast<Type>(data[0]), 7);
  writer.append(data + 1, size - 1);
  whole.resize(writer.finish());
  decode(whole);
  return 0;
}
