#include "http/stream.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace podvisor {
namespace {

struct CountingCarrier : HttpStream::Carrier {
  void wake() override { ++wakes; }
  void abort() override { ++aborts; }
  int wakes = 0;
  int aborts = 0;
};

/// Everything there is to take now, and how it ended.
std::string drained(HttpStream& stream, HttpStream::Taken& last) {
  std::string text;
  std::array<char, 7> piece{};
  std::size_t count = 0;
  while ((last = stream.take(piece.data(), piece.size(), count)) == HttpStream::Taken::Some)
    text.append(piece.data(), count);
  return text;
}

struct HttpStreamTest : testing::Test {
  HttpStreamTest() { stream.attach(&carrier); }
  std::string drain() { return drained(stream, last); }

  HttpStream stream{"", 100};
  CountingCarrier carrier;
  HttpStream::Taken last = HttpStream::Taken::Some;
};

TEST_F(HttpStreamTest, GivesWhatWasWrittenInOrderAndThenEnds) {
  stream.write("a first piece, ");
  stream.write("a second");
  EXPECT_EQ(drain(), "a first piece, a second");
  EXPECT_EQ(last, HttpStream::Taken::NothingYet);
  stream.write("!");
  stream.end();
  stream.write("too late");
  EXPECT_EQ(drain(), "!");
  EXPECT_EQ(last, HttpStream::Taken::End);
  EXPECT_EQ(carrier.wakes, 4);
}

TEST_F(HttpStreamTest, AReaderTooFarBehindIsCutOff) {
  stream.write(std::string(101, 'x'));
  EXPECT_EQ(carrier.aborts, 0);
  stream.write("y");
  EXPECT_EQ(carrier.aborts, 1);
  EXPECT_TRUE(stream.ended());
  EXPECT_EQ(stream.pending(), 0u);
  EXPECT_EQ(drain(), "");
  EXPECT_EQ(last, HttpStream::Taken::Aborted);
}

TEST_F(HttpStreamTest, ReadingMakesRoomAgain) {
  for (int i = 0; i < 50; ++i) {
    stream.write(std::string(90, 'x'));
    EXPECT_EQ(drain().size(), 90u);
  }
  EXPECT_EQ(carrier.aborts, 0);
}

TEST_F(HttpStreamTest, WhatItBeganWithDoesNotCountAsPending) {
  HttpStream with_head(std::string(1000, 'h'), 10);
  with_head.attach(&carrier);
  with_head.write("one change");
  with_head.write("another");
  EXPECT_EQ(carrier.aborts, 0);
  with_head.write("too many");
  EXPECT_EQ(carrier.aborts, 1);
}

TEST_F(HttpStreamTest, AsksForMoreWhenEverythingIsTaken) {
  int asked = 0;
  stream.on_drain([&] {
    if (++asked <= 3) stream.write("piece ");
  });
  EXPECT_EQ(drain(), "piece piece piece ");
  EXPECT_EQ(last, HttpStream::Taken::NothingYet);
}

TEST_F(HttpStreamTest, ClosingIsToldExactlyOnceAndReleasesTheProducer) {
  auto producer = std::make_shared<int>(0);
  stream.on_close([producer] { ++*producer; });
  stream.on_drain([producer] {});
  EXPECT_EQ(producer.use_count(), 3);
  stream.close();
  stream.close();
  EXPECT_EQ(*producer, 1);
  EXPECT_EQ(producer.use_count(), 1);
  stream.write("nobody reads this");
  EXPECT_EQ(stream.pending(), 0u);
}

}  // namespace
}  // namespace podvisor
