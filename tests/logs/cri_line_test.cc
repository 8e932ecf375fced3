#include "log/cri_line.h"

#include <gtest/gtest.h>

namespace podvisor {
namespace {

using namespace std::chrono_literals;

WallTime at(std::chrono::year_month_day date, Duration since_midnight) {
  return WallTime(std::chrono::sys_days(date)) + since_midnight;
}

const WallTime kMoment = at(std::chrono::year(2026) / 11 / 22, 22h + 4min + 5s + 6789ns);

TEST(CriLine, LOG1_TimeHasNineFractionalDigitsAndZ) {
  EXPECT_EQ(format_cri_time(kMoment), "2026-11-22T22:04:05.000006789Z");
  EXPECT_EQ(format_cri_time(WallTime{}), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(format_cri_time(WallTime{-1ns}), "1969-12-31T23:59:59.999999999Z");
}

TEST(CriLine, LOG1_WrittenTimesAreReadBack) {
  for (const WallTime time : {kMoment, WallTime{}, WallTime{-1ns}, WallTime{1s}})
    EXPECT_EQ(parse_cri_time(format_cri_time(time)), time);
}

TEST(CriLine, LOG1_OffsetsAndFewerDigitsAreRead) {
  EXPECT_EQ(parse_cri_time("2026-11-22T22:04:05.000006789+00:00"), kMoment);
  EXPECT_EQ(parse_cri_time("2026-11-23T00:34:05.000006789+02:30"), kMoment);
  EXPECT_EQ(parse_cri_time("2026-11-22T17:04:05.000006789-05:00"), kMoment);
  EXPECT_EQ(parse_cri_time("2026-11-22T22:04:05Z"), kMoment - 6789ns);
  EXPECT_EQ(parse_cri_time("2026-11-22T22:04:05.5Z"), kMoment - 6789ns + 500ms);
  EXPECT_EQ(parse_cri_time("2016-12-31T23:59:60Z"), at(std::chrono::year(2017) / 1 / 1, 0ns));
}

TEST(CriLine, OtherTextIsNoTime) {
  for (const char* text : {"",
                           "2026",
                           "2026-11-22",
                           "2026-11-22T22:04:05",
                           "2026-11-22 22:04:05Z",
                           "2026-13-22T22:04:05Z",
                           "2026-02-30T22:04:05Z",
                           "2026-11-22T24:04:05Z",
                           "2026-11-22T22:60:05Z",
                           "2026-11-22T22:04:61Z",
                           "2026-11-22T22:04:05.Z",
                           "2026-11-22T22:04:05.1234567890Z",
                           "2026-11-22T22:04:05ZZ",
                           "2026-11-22T22:04:05+0200",
                           "2026-11-22T22:04:05+02:00x",
                           "2026-11-22T22:04:05+24:00",
                           "-026-11-22T22:04:05Z",
                           "9999-11-22T22:04:05Z",
                           "0000-01-01T00:00:00Z",
                           "2026-11-22T22:04:05.12x4Z"})
    EXPECT_EQ(parse_cri_time(text), std::nullopt) << text;
}

TEST(CriLine, LOG1_WrittenHeadersAreReadBack) {
  for (const LogStream stream : {LogStream::Stdout, LogStream::Stderr}) {
    for (const bool full : {true, false}) {
      const std::string text = format_cri_header(kMoment, stream, full);
      ASSERT_LE(text.size(), kMaxCriHeader);
      const std::string entry = text + "some content";
      const auto header = parse_cri_header(entry);
      ASSERT_TRUE(header);
      EXPECT_EQ(header->time, "2026-11-22T22:04:05.000006789Z");
      EXPECT_EQ(header->stream, stream);
      EXPECT_EQ(header->full, full);
      EXPECT_EQ(header->size, text.size());
    }
  }
}

TEST(CriLine, LOG1_UnknownFurtherTagsAreRead) {
  const auto header = parse_cri_header("2026-11-22T22:04:05Z stderr P:new:tags rest of it");
  ASSERT_TRUE(header);
  EXPECT_FALSE(header->full);
  EXPECT_EQ(header->size, sizeof("2026-11-22T22:04:05Z stderr P:new:tags ") - 1);
}

TEST(CriLine, AnEmptyLineHasAnEmptyContent) {
  const std::string entry = "2026-11-22T22:04:05Z stdout F ";
  const auto header = parse_cri_header(entry);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->size, entry.size());
}

TEST(CriLine, EveryCutOfAHeaderIsNoHeader) {
  const std::string text = format_cri_header(kMoment, LogStream::Stdout, true);
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(parse_cri_header(text.substr(0, size))) << size;
}

TEST(CriLine, OtherTextIsNoHeader) {
  for (const char* text :
       {"hello", "a b c d", "2026-11-22T22:04:05Z stdin F x", "2026-11-22T22:04:05Z stdout X x",
        "2026-11-22T22:04:05Z stdout FP x", "2026-11-22T22:04:05Z  stdout F x", " stdout F x"})
    EXPECT_FALSE(parse_cri_header(text)) << text;
  EXPECT_FALSE(parse_cri_header(std::string(200, 'x') + " stdout F x"));
}

}  // namespace
}  // namespace podvisor
