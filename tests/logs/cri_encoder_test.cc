#include "log/cri_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace podvisor {
namespace {

using testing::ElementsAre;

const std::string kFull = format_cri_header({}, LogStream::Stdout, true);
const std::string kPartial = format_cri_header({}, LogStream::Stdout, false);

/// What comes out for pieces that come in one by one, and then the end.
std::string encode(const std::vector<std::string>& pieces) {
  CriEncoder encoder(LogStream::Stdout);
  std::string out;
  for (const std::string& piece : pieces) encoder.feed(piece, {}, out);
  encoder.finish({}, out);
  return out;
}

/// "F" or "P" and the length of each entry's content.
std::vector<std::string> shape(const std::string& encoded) {
  std::vector<std::string> entries;
  for (std::size_t at = 0; at < encoded.size();) {
    const std::size_t end = encoded.find('\n', at);
    const std::string entry = encoded.substr(at, end - at);
    const auto header = parse_cri_header(entry);
    if (!header) return {"not CRI: " + entry};
    entries.push_back((header->full ? "F" : "P") + std::to_string(entry.size() - header->size));
    at = end + 1;
  }
  return entries;
}

TEST(CriEncoder, LOG1_EachLineIsAnEntry) {
  EXPECT_EQ(encode({"one\ntwo\n\nfour\n"}),
            kFull + "one\n" + kFull + "two\n" + kFull + "\n" + kFull + "four\n");
}

TEST(CriEncoder, LOG2_AnUnfinishedLineIsWrittenAsPartialAtTheEnd) {
  EXPECT_EQ(encode({"one\ntw"}), kFull + "one\n" + kPartial + "tw\n");
  EXPECT_EQ(encode({"tw"}), kPartial + "tw\n");
  EXPECT_EQ(encode({"one\n"}), kFull + "one\n");
  EXPECT_EQ(encode({}), "");
}

TEST(CriEncoder, WaitsForTheRestOfALine) {
  CriEncoder encoder(LogStream::Stderr);
  std::string out;
  encoder.feed("no newline yet", {}, out);
  EXPECT_EQ(out, "");
  encoder.feed("\n", {}, out);
  EXPECT_EQ(out, format_cri_header({}, LogStream::Stderr, true) + "no newline yet\n");
}

TEST(CriEncoder, LOG3_LongLinesAreSplit) {
  const std::string most(kMaxCriContent, 'x');
  EXPECT_THAT(shape(encode({most + "\n"})), ElementsAre("F16384"));
  EXPECT_THAT(shape(encode({most + "y\n"})), ElementsAre("P16384", "F1"));
  EXPECT_THAT(shape(encode({most + most + "\n"})), ElementsAre("P16384", "F16384"));
  EXPECT_THAT(shape(encode({most})), ElementsAre("P16384"));
  EXPECT_THAT(shape(encode({most + "y"})), ElementsAre("P16384", "P1"));
  EXPECT_THAT(shape(encode({"short\n" + most + "y\nshort\n"})),
              ElementsAre("F5", "P16384", "F1", "F5"));
}

TEST(CriEncoder, LOG3_AMegabyteLineLosesNothing) {
  std::string line(1024 * 1024 + 17, ' ');
  for (std::size_t i = 0; i < line.size(); ++i) line[i] = static_cast<char>('a' + i % 26);
  const std::string encoded = encode({line + "\n"});
  std::string joined;
  for (std::size_t at = 0; at < encoded.size(); at = encoded.find('\n', at) + 1)
    joined += encoded.substr(at + kFull.size(), encoded.find('\n', at) - at - kFull.size());
  EXPECT_EQ(joined, line);
  EXPECT_EQ(shape(encoded).size(), 65U);
}

TEST(CriEncoder, TheCutOfThePipeMakesNoDifference) {
  const std::string text = std::string("one\n\ntwo\0three\n\xff\xfe\x80\r\n", 20) + "last";
  const std::string whole = encode({text});
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    EXPECT_EQ(encode({text.substr(0, cut), text.substr(cut)}), whole) << cut;
  std::vector<std::string> bytes;
  for (const char c : text) bytes.emplace_back(1, c);
  EXPECT_EQ(encode(bytes), whole);
}

TEST(CriEncoder, LOG3_TheCutOfThePipeMakesNoDifferenceToSplitLines) {
  const std::string text = std::string(2 * kMaxCriContent + 1, 'x') + "\n" +
                           std::string(kMaxCriContent, 'y') + "\n" + "end\n";
  const std::string whole = encode({text});
  EXPECT_THAT(shape(whole), ElementsAre("P16384", "P16384", "F1", "F16384", "F3"));
  for (std::size_t edge :
       {std::size_t{0}, kMaxCriContent, 2 * kMaxCriContent, 3 * kMaxCriContent + 2, text.size()}) {
    for (std::size_t cut = edge > 3 ? edge - 3 : 0; cut <= std::min(edge + 3, text.size()); ++cut)
      EXPECT_EQ(encode({text.substr(0, cut), text.substr(cut)}), whole) << cut;
  }
}

TEST(CriEncoder, BytesThatAreNoTextAreKeptAsTheyAre) {
  const std::string bytes("\0\x01\x1b[31m\xff\xc3", 9);
  EXPECT_EQ(encode({bytes + "\n"}), kFull + bytes + "\n");
}

TEST(CriEncoder, ALineThatLooksLikeAnEntryIsContent) {
  EXPECT_EQ(encode({kPartial + "forged\n"}), kFull + kPartial + "forged\n");
}

}  // namespace
}  // namespace podvisor
