#include "pause/protocol.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>
#include <string>

#include "runtime/spawn_request.h"

namespace podvisor::pause {
namespace {

/// Decodes on heap memory of exactly the message's size, so that a sanitizer sees every overrun.
struct Decoded {
  explicit Decoded(std::vector<char> bytes, std::vector<int> fds = {}, std::size_t strings = 64)
      : message(std::move(bytes)), descriptors(std::move(fds)), arena(strings) {
    ok = decode_request(message, descriptors, arena, *request);
  }

  std::vector<char> message;
  std::vector<int> descriptors;
  std::vector<char*> arena;
  std::unique_ptr<Request> request = std::make_unique<Request>();
  bool ok = false;
};

std::vector<std::string> strings(char** array) {
  std::vector<std::string> all;
  for (; *array != nullptr; ++array) all.emplace_back(*array);
  return all;
}

SpawnRequest full_request() {
  SpawnRequest request;
  request.id = 0x8000000000000007;
  request.argv = {"sh", "-c", "", "with\nnewline"};
  request.env = {"PATH=/bin", "EMPTY="};
  request.working_directory = "/srv";
  request.uid = 1000;
  request.gid = 0;
  request.groups = {{4, 24}};
  request.confinement.capabilities = 0x8000000001;
  request.confinement.no_new_privileges = true;
  request.confinement.seccomp_filter = std::string(16, 'b');
  request.confinement.seccomp_flags = 2;
  request.confinement.app_armor = "web";
  request.view = {true, true, true, {"/proc/kcore", "/proc/keys"}, {}};
  request.oom_score_adj = -997;
  request.namespaces = {10};
  request.cgroup_directory = 11;
  request.cgroup_tasks = {12, 13};
  request.stdout_fd = 14;
  request.stderr_fd = 15;
  request.kept = {16, 17};
  request.mounts = {{18, "/data"}, {19, "/etc/x"}};
  return request;
}

SpawnRequest small_request() {
  SpawnRequest request;
  request.id = 5;
  request.argv = {"true"};
  return request;
}

std::vector<char> request_bytes(Type type, Tag tag, std::int64_t value) {
  std::vector<char> bytes(256);
  Writer writer(bytes, type, 9);
  writer.number(tag, value);
  bytes.resize(writer.finish());
  return bytes;
}

template <typename T>
std::vector<T> copied(std::span<const T> items) {
  return {items.begin(), items.end()};
}

TEST(PauseProtocol, SpawnArrivesAsItWasSent) {
  auto message = encode_spawn(full_request());
  ASSERT_TRUE(message.has_value()) << message.error().message;
  const Decoded decoded(message->bytes, message->descriptors);
  ASSERT_TRUE(decoded.ok);
  EXPECT_EQ(decoded.request->type, Type::Spawn);
  EXPECT_EQ(decoded.request->id, 0x8000000000000007);
  const SpawnView& spawn = decoded.request->spawn;
  EXPECT_EQ(strings(spawn.argv), full_request().argv);
  EXPECT_EQ(strings(spawn.env), full_request().env);
  EXPECT_STREQ(spawn.working_directory, "/srv");
  EXPECT_TRUE(spawn.set_uid && spawn.set_gid && spawn.set_groups);
  EXPECT_EQ(spawn.uid, 1000U);
  EXPECT_EQ(spawn.gid, 0U);
  EXPECT_EQ(copied(spawn.groups.span()), (std::vector<gid_t>{4, 24}));
  EXPECT_TRUE(spawn.no_new_privileges);
  EXPECT_TRUE(spawn.set_oom_score_adj);
  EXPECT_EQ(spawn.oom_score_adj, -997);
}

TEST(PauseProtocol, DescriptorsArriveWhereTheyBelong) {
  auto message = encode_spawn(full_request());
  ASSERT_TRUE(message.has_value());
  const Decoded decoded(message->bytes, message->descriptors);
  ASSERT_TRUE(decoded.ok);
  const SpawnView& spawn = decoded.request->spawn;
  EXPECT_EQ(copied(spawn.namespaces.span()), std::vector<int>{10});
  EXPECT_EQ(spawn.cgroup_directory, 11);
  EXPECT_EQ(copied(spawn.cgroup_tasks.span()), (std::vector<int>{12, 13}));
  EXPECT_EQ(spawn.stdio[0], -1);
  EXPECT_EQ(spawn.stdio[1], 14);
  EXPECT_EQ(spawn.stdio[2], 15);
  EXPECT_EQ(copied(spawn.kept.span()), (std::vector<int>{16, 17}));
  ASSERT_EQ(spawn.mounts.count, 2U);
  EXPECT_EQ(spawn.mounts.items[1].tree, 19);
  EXPECT_STREQ(spawn.mounts.items[1].target, "/etc/x");
}

TEST(PauseProtocol, ConfinementArrivesAsItWasSent) {
  auto message = encode_spawn(full_request());
  ASSERT_TRUE(message.has_value());
  const Decoded decoded(message->bytes, message->descriptors);
  ASSERT_TRUE(decoded.ok);
  const SpawnView& spawn = decoded.request->spawn;
  EXPECT_TRUE(spawn.set_capabilities);
  EXPECT_EQ(spawn.capabilities, 0x8000000001U);
  EXPECT_EQ(std::string(spawn.seccomp.begin(), spawn.seccomp.end()), std::string(16, 'b'));
  EXPECT_EQ(spawn.seccomp_flags, 2U);
  EXPECT_STREQ(spawn.app_armor, "web");
  EXPECT_TRUE(spawn.mount_namespace && spawn.read_only_root && spawn.proc);
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(std::string_view(spawn.masked_paths.data(), spawn.masked_paths.size()),
            "/proc/kcore\0/proc/keys\0"sv);
  EXPECT_TRUE(spawn.read_only_paths.empty());
}

TEST(PauseProtocol, AFilterOfHalfAnInstructionIsRefused) {
  SpawnRequest request = small_request();
  for (const std::size_t size : {4U, 12U}) {
    request.confinement.seccomp_filter = std::string(size, 'b');
    EXPECT_FALSE(Decoded(encode_spawn(request)->bytes).ok) << size;
  }
  request.confinement.seccomp_filter = std::string(kMaxSeccompFilter + 8, 'b');
  EXPECT_FALSE(encode_spawn(request).has_value());
}

TEST(PauseProtocol, AnOlderPauseIsAskedOnlyWhatItKnows) {
  EXPECT_TRUE(encode_spawn(small_request(), 1).has_value());
  const auto refused = encode_spawn(full_request(), 1);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("of an older version"), std::string::npos);
  SpawnRequest request = small_request();
  request.confinement.no_new_privileges = true;  // in the first version already
  EXPECT_TRUE(encode_spawn(request, 1).has_value());
  request.view.own = true;
  EXPECT_FALSE(encode_spawn(request, 1).has_value());
}

TEST(PauseProtocol, OnlyTheThirdVersionKnowsTerminals) {
  SpawnRequest request = small_request();
  request.terminal = true;
  EXPECT_FALSE(encode_spawn(request, 2).has_value());
  const auto message = encode_spawn(request, 3);
  ASSERT_TRUE(message.has_value());
  auto bytes = message->bytes;
  const Decoded decoded(std::move(bytes));
  ASSERT_TRUE(decoded.ok);
  EXPECT_TRUE(decoded.request->spawn.terminal);
}

TEST(PauseProtocol, WhatIsNotSaidIsNotSet) {
  auto message = encode_spawn(small_request());
  ASSERT_TRUE(message.has_value());
  const Decoded decoded(message->bytes);
  ASSERT_TRUE(decoded.ok);
  const SpawnView& spawn = decoded.request->spawn;
  EXPECT_EQ(spawn.working_directory, nullptr);
  EXPECT_FALSE(spawn.set_uid || spawn.set_gid || spawn.set_groups || spawn.set_oom_score_adj);
  EXPECT_FALSE(spawn.no_new_privileges);
  EXPECT_FALSE(spawn.set_capabilities || spawn.mount_namespace || spawn.read_only_root);
  EXPECT_FALSE(spawn.proc);
  EXPECT_EQ(spawn.app_armor, nullptr);
  EXPECT_TRUE(spawn.seccomp.empty());
  EXPECT_EQ(spawn.cgroup_directory, -1);
  EXPECT_TRUE(strings(spawn.env).empty());
}

TEST(PauseProtocol, RepliesArriveAsTheyWereSent) {
  Reply sent;
  sent.type = Type::SpawnFailed;
  sent.id = 77;
  sent.version = 1;
  sent.pid = 4242;
  sent.wait_status = 0x8B;
  sent.step = Step::Exec;
  sent.error_number = 2;
  sent.item = 3;
  sent.children = 1000;
  char bytes[kMaxReply];
  const std::size_t size = encode_reply(sent, bytes);
  ASSERT_LE(size, sizeof bytes);
  Reply got;
  ASSERT_TRUE(decode_reply({bytes, size}, got));
  EXPECT_EQ(std::memcmp(&sent.id, &got.id, sizeof sent.id), 0);
  EXPECT_EQ(got.type, sent.type);
  EXPECT_EQ(got.pid, sent.pid);
  EXPECT_EQ(got.wait_status, sent.wait_status);
  EXPECT_EQ(got.step, sent.step);
  EXPECT_EQ(got.error_number, sent.error_number);
  EXPECT_EQ(got.item, sent.item);
  EXPECT_EQ(got.children, sent.children);
}

TEST(PauseProtocol, NumbersBeyondTheirRangeAreRefused) {
  EXPECT_TRUE(Decoded(request_bytes(Type::Signal, Tag::SignalNumber, 64)).ok);
  EXPECT_FALSE(Decoded(request_bytes(Type::Signal, Tag::SignalNumber, 65)).ok);
  EXPECT_FALSE(Decoded(request_bytes(Type::Signal, Tag::SignalNumber, 0)).ok);
  EXPECT_FALSE(Decoded(request_bytes(Type::Signal, Tag::SignalNumber, -1)).ok);
  EXPECT_TRUE(Decoded(request_bytes(Type::Hello, Tag::Version, 2)).ok);
  EXPECT_FALSE(Decoded(request_bytes(Type::Hello, Tag::Version, 65536)).ok);
}

TEST(PauseProtocol, UnknownFieldsOfARequestAreRefusedButItsIdIsKnown) {
  std::vector<char> bytes(256);
  Writer writer(bytes, Type::Spawn, 9);
  writer.bytes(Tag::Argv, "true", 5);
  writer.bytes(Tag::Env, nullptr, 0);
  writer.number(static_cast<Tag>(999), 1);
  bytes.resize(writer.finish());
  const Decoded decoded(bytes);
  EXPECT_FALSE(decoded.ok);
  EXPECT_EQ(decoded.request->id, 9U);
  EXPECT_EQ(decoded.request->type, Type::Spawn);
}

TEST(PauseProtocol, UnknownFieldsOfAReplyAreSkipped) {
  std::vector<char> bytes(256);
  Writer writer(bytes, Type::Spawned, 9);
  writer.number(static_cast<Tag>(999), 1);
  writer.number(Tag::Pid, 12);
  bytes.resize(writer.finish());
  Reply reply;
  ASSERT_TRUE(decode_reply(bytes, reply));
  EXPECT_EQ(reply.pid, 12);
}

TEST(PauseProtocol, StringsMustEndAndPathsMayHoldNoNul) {
  const auto spawn = [](std::string_view argv, std::string_view directory) {
    std::vector<char> bytes(256);
    Writer writer(bytes, Type::Spawn, 1);
    writer.bytes(Tag::Argv, argv.data(), argv.size());
    writer.bytes(Tag::Env, nullptr, 0);
    writer.bytes(Tag::WorkingDirectory, directory.data(), directory.size());
    bytes.resize(writer.finish());
    return Decoded(bytes).ok;
  };
  using std::string_view_literals::operator""sv;
  EXPECT_TRUE(spawn("true\0"sv, "/\0"sv));
  EXPECT_FALSE(spawn("true"sv, "/\0"sv));
  EXPECT_FALSE(spawn(""sv, "/\0"sv));
  EXPECT_FALSE(spawn("true\0"sv, "/"sv));
  EXPECT_FALSE(spawn("true\0"sv, "/\0x\0"sv));
}

TEST(PauseProtocol, MoreStringsThanTheArenaHoldsAreRefused) {
  auto message = encode_spawn(full_request());  // 4 + 2 strings and 2 terminators
  ASSERT_TRUE(message.has_value());
  EXPECT_TRUE(Decoded(message->bytes, message->descriptors, 8).ok);
  for (std::size_t size = 0; size < 8; ++size)
    EXPECT_FALSE(Decoded(message->bytes, message->descriptors, size).ok) << size;
}

TEST(PauseProtocol, DescriptorsThatDidNotComeAreRefused) {
  auto message = encode_spawn(full_request());
  ASSERT_TRUE(message.has_value());
  message->descriptors.pop_back();
  EXPECT_FALSE(Decoded(message->bytes, message->descriptors).ok);
}

TEST(PauseProtocol, EveryTruncationIsRefused) {
  const auto message = encode_spawn(full_request());
  ASSERT_TRUE(message.has_value());
  for (std::size_t size = 0; size < message->bytes.size(); ++size) {
    const std::vector<char> cut(message->bytes.begin(),
                                message->bytes.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(Decoded(cut, message->descriptors).ok) << size;
  }
}

TEST(PauseProtocol, DamagedMessagesAreDecodedWithinBoundsOrRefused) {
  const auto message = encode_spawn(full_request());
  ASSERT_TRUE(message.has_value());
  std::mt19937 random(1);  // NOLINT: the same bytes every time
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<char> bytes = message->bytes;
    for (int i = 0; i < 1 + round % 4; ++i) bytes[random() % bytes.size()] = char(random());
    const Decoded decoded(bytes, message->descriptors);
    refused += decoded.ok ? 0 : 1;
    if (decoded.ok && decoded.request->type == Type::Spawn) {
      EXPECT_FALSE(strings(decoded.request->spawn.argv).empty());
      EXPECT_LE(decoded.request->spawn.groups.count, kMaxGroups);
    }
    Reply reply;
    static_cast<void>(decode_reply(bytes, reply));
  }
  EXPECT_GT(refused, 1000);
}

TEST(PauseProtocol, EncodingSaysWhichLimitIsPassed) {
  SpawnRequest large = small_request();
  large.env = {"X=" + std::string(kMaxMessage, 'x')};
  const auto too_large = encode_spawn(large);
  ASSERT_FALSE(too_large.has_value());
  EXPECT_NE(too_large.error().message.find("196608 are possible"), std::string::npos);

  SpawnRequest many = small_request();
  many.env.assign(kMaxStrings, "A=");
  EXPECT_FALSE(encode_spawn(many).has_value());

  SpawnRequest nul = small_request();
  nul.env = {std::string("A=\0B", 4)};
  EXPECT_FALSE(encode_spawn(nul).has_value());

  SpawnRequest nothing = small_request();
  nothing.argv.clear();
  EXPECT_FALSE(encode_spawn(nothing).has_value());
}

}  // namespace
}  // namespace podvisor::pause
