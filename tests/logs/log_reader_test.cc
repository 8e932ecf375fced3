#include "log/log_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <random>

#include "log/cri_encoder.h"
#include "log/log_seek.h"
#include "logs/temporary_directory.h"

namespace podvisor {
namespace {

using namespace std::chrono_literals;

WallTime second(int n) { return WallTime{std::chrono::seconds(1'700'000'000 + n)}; }

std::string entry(int time, const std::string& content, bool full = true,
                  LogStream stream = LogStream::Stdout) {
  return format_cri_header(second(time), stream, full) + content + "\n";
}

class LogReaderTest : public testing::Test {
 protected:
  LogReader open(const LogQuery& query) {
    auto reader = LogReader::open(path_, query);
    EXPECT_TRUE(reader) << reader.error().message;
    return std::move(reader.value());
  }
  static std::string rest(LogReader& reader, std::size_t max_bytes = 4096) {
    std::string all;
    for (;;) {
      const auto some = reader.read_some(max_bytes);
      EXPECT_TRUE(some) << some.error().message;
      EXPECT_LE(some->size(), max_bytes);
      if (some->empty()) return all;
      all += *some;
    }
  }
  std::string read(const LogQuery& query, std::size_t max_bytes = 4096) {
    LogReader reader = open(query);
    return rest(reader, max_bytes);
  }
  void write(const std::string& text) { append_to_file(path_, text); }

  TemporaryDirectory directory_;
  std::string path_ = directory_ / "0.log";
};

TEST_F(LogReaderTest, GivesContentWithoutHeaders) {
  write(entry(0, "one") + entry(1, "") + entry(2, "three", true, LogStream::Stderr));
  EXPECT_EQ(read({}), "one\n\nthree\n");
}

TEST_F(LogReaderTest, AsItIsEndsThoughTheFileGrows) {
  write(entry(0, "one") + entry(1, "two"));
  LogReader reader = open({.tail_lines = 1, .as_it_is = true});
  write(entry(2, "three"));
  EXPECT_EQ(rest(reader), "two\n");
  write(entry(3, "four"));
  EXPECT_EQ(rest(reader), "");
}

TEST_F(LogReaderTest, AsItIsReadsAnEntryThatWasBeingWrittenToItsEnd) {
  write(entry(0, "one").substr(0, 42));
  LogReader reader = open({.as_it_is = true});
  write(entry(0, "one").substr(42) + entry(1, "two"));
  EXPECT_EQ(rest(reader), "one\n");
}

TEST_F(LogReaderTest, LOG2_JoinsPartialEntries) {
  write(entry(0, "on", false) + entry(1, "e, st", false) + entry(2, "ill") + entry(3, "two"));
  EXPECT_EQ(read({}), "one, still\ntwo\n");
}

TEST_F(LogReaderTest, LOG2_ALineThatNeverEndedHasNoNewline) {
  write(entry(0, "one") + entry(1, "unfin", false));
  EXPECT_EQ(read({}), "one\nunfin");
}

TEST_F(LogReaderTest, TimestampsPrecedeLinesNotPieces) {
  write(entry(0, "on", false) + entry(1, "e") + entry(2, "two"));
  EXPECT_EQ(read({.timestamps = true}),
            format_cri_time(second(0)) + " one\n" + format_cri_time(second(2)) + " two\n");
}

TEST_F(LogReaderTest, EveryChunkSizeGivesTheSame) {
  write(entry(0, "a long first line", false) + entry(1, " that goes on") + "garbage\n" +
        entry(2, "") + entry(3, std::string("\0\xff", 2)));
  const LogQuery query{.timestamps = true};
  const std::string whole = read(query);
  for (std::size_t size = 1; size <= whole.size() + 1; ++size)
    EXPECT_EQ(read(query, size), whole) << size;
}

TEST_F(LogReaderTest, EntriesThatAreNotCriAreSkipped) {
  write("garbage\n\n" + entry(0, "one") + std::string(100'000, 'x') + "\n" + "a b c d\n" +
        entry(1, "two") + "2026-01-01T00:00:00Z stdout\n" + entry(2, "three"));
  EXPECT_EQ(read({}), "one\ntwo\nthree\n");
}

TEST_F(LogReaderTest, FollowsWhatIsAppendedByteByByte) {
  LogReader reader = (write(""), open({.timestamps = true}));
  const std::string text = entry(0, "on", false) + entry(1, "e") + "garbage\n" + entry(2, "two");
  std::string got;
  for (const char c : text) {
    write(std::string(1, c));
    got += rest(reader);
  }
  EXPECT_EQ(got, read({.timestamps = true}));
  EXPECT_NE(got, "");
}

TEST_F(LogReaderTest, AnEntryBeingWrittenIsGivenAsFarAsItGoes) {
  const std::string text = entry(0, "hello");
  write(text.substr(0, text.size() - 3));
  LogReader reader = open({});
  EXPECT_EQ(rest(reader), "hel");
  write(text.substr(text.size() - 3));
  EXPECT_EQ(rest(reader), "lo\n");
  EXPECT_EQ(rest(reader), "");
}

TEST_F(LogReaderTest, TailCountsLinesNotEntries) {
  write(entry(0, "one") + entry(1, "tw", false) + entry(2, "o") + entry(3, "three"));
  EXPECT_EQ(read({.tail_lines = 0}), "");
  EXPECT_EQ(read({.tail_lines = 1}), "three\n");
  EXPECT_EQ(read({.tail_lines = 2}), "two\nthree\n");
  EXPECT_EQ(read({.tail_lines = 3}), "one\ntwo\nthree\n");
  EXPECT_EQ(read({.tail_lines = 99}), "one\ntwo\nthree\n");
}

TEST_F(LogReaderTest, TailCountsAnUnfinishedLine) {
  write(entry(0, "one") + entry(1, "t", false) + entry(2, "w", false));
  EXPECT_EQ(read({.tail_lines = 1}), "tw");
  EXPECT_EQ(read({.tail_lines = 2}), "one\ntw");
}

TEST_F(LogReaderTest, TailOfAnEmptyFileFollows) {
  write("");
  LogReader reader = open({.tail_lines = 5});
  EXPECT_EQ(rest(reader), "");
  write(entry(0, "one"));
  EXPECT_EQ(rest(reader), "one\n");
}

TEST_F(LogReaderTest, TailDoesNotCountWhatIsNotCri) {
  write(entry(0, "one") + "garbage\n" + entry(1, "two") + "garbage\n");
  EXPECT_EQ(read({.tail_lines = 1}), "two\n");
  EXPECT_EQ(read({.tail_lines = 2}), "one\ntwo\n");
}

// Blocks of 64 KiB are read backwards; entries begin, end and have their headers on their edges.
TEST_F(LogReaderTest, TailIsRightWhereverBlocksAreCut) {
  constexpr std::size_t kBlock = 64 * 1024;
  const std::size_t header = entry(0, "").size();
  for (std::size_t shift = 0; shift <= header + 2; ++shift) {
    std::filesystem::remove(path_);
    write(entry(0, "first") + entry(1, "second"));
    const std::string last = entry(2, std::string(kBlock - header - 1 + shift - header, 'z'));
    write(last + entry(3, ""));
    EXPECT_EQ(read({.tail_lines = 3}).substr(0, 8), "second\nz") << shift;
    EXPECT_EQ(read({.tail_lines = 2}).substr(0, 2), "zz") << shift;
    EXPECT_EQ(read({.tail_lines = 1}), "\n") << shift;
  }
}

TEST_F(LogReaderTest, TailOfAMegabyteLineIsTheWholeLine) {
  CriEncoder encoder(LogStream::Stdout);
  std::string text = entry(0, "before");
  const std::string line(1'000'000, 'm');
  encoder.feed(line + "\nafter\n", second(1), text);
  write(text);
  EXPECT_EQ(read({.tail_lines = 2}), line + "\nafter\n");
  EXPECT_EQ(read({.tail_lines = 3}), "before\n" + line + "\nafter\n");
}

TEST_F(LogReaderTest, SinceLeavesOutWhatIsOlder) {
  write(entry(0, "one") + entry(5, "two") + "garbage\n" + entry(10, "three"));
  EXPECT_EQ(read({.since = second(0)}), "one\ntwo\nthree\n");
  EXPECT_EQ(read({.since = second(5)}), "two\nthree\n");
  EXPECT_EQ(read({.since = second(5) + 1ns}), "three\n");
  EXPECT_EQ(read({.since = second(11)}), "");
  EXPECT_EQ(read({.tail_lines = 2, .since = second(10)}), "three\n");
}

TEST_F(LogReaderTest, SinceIsFoundAnywhereInALongLog) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += entry(i, "line " + std::to_string(i));
  write(text);
  for (const int first : {0, 1, 777, 9'999, 10'000, 19'998, 19'999}) {
    const std::string got = read({.since = second(first)}, 1 << 20);
    EXPECT_EQ(got.substr(0, got.find('\n')), "line " + std::to_string(first));
    EXPECT_EQ(std::ranges::count(got, '\n'), 20'000 - first);
  }
  EXPECT_EQ(read({.since = second(20'000)}), "");
}

TEST_F(LogReaderTest, LimitBytesEndsTheLog) {
  write(entry(0, "one") + entry(1, "two"));
  LogReader reader = open({.limit_bytes = 5});
  EXPECT_FALSE(reader.finished());
  EXPECT_EQ(rest(reader, 3), "one\nt");
  EXPECT_TRUE(reader.finished());
  write(entry(2, "three"));
  EXPECT_EQ(rest(reader), "");
  EXPECT_TRUE(open({.limit_bytes = 0}).finished());
}

TEST_F(LogReaderTest, LimitCountsTimestamps) {
  write(entry(0, "one"));
  EXPECT_EQ(read({.timestamps = true, .limit_bytes = 10}), "2023-11-14");
}

TEST_F(LogReaderTest, AMissingLogIsSaid) {
  const auto reader = LogReader::open(path_, {});
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().error_number, ENOENT);
  EXPECT_THAT(reader.error().message, testing::HasSubstr(path_));
}

TEST_F(LogReaderTest, OnlyRegularFilesAreRead) {
  EXPECT_FALSE(LogReader::open(directory_.path(), {}));
  write(entry(0, "secret"));
  std::filesystem::create_symlink(path_, directory_ / "link");
  EXPECT_FALSE(LogReader::open(directory_ / "link", {}));
  ASSERT_EQ(::mkfifo((directory_ / "pipe").c_str(), 0600), 0);
  EXPECT_FALSE(LogReader::open(directory_ / "pipe", {}));  // and does not wait for a writer
}

// Random files of entries, pieces and garbage, against a reading of the whole text at once.
class RandomLog {
 public:
  explicit RandomLog(unsigned seed) : random_(seed) {}

  std::string text;
  std::vector<std::string> lines;  ///< as they are to be read, newlines included

  void grow(int entries) {
    for (int i = 0; i < entries; ++i) {
      if (pick(10) == 0 && !open_) text += std::string(pick(300), 'g') + "\n";
      add_entry(i, std::string(pick(4) == 0 ? pick(40'000) : pick(20), "abc \0"[pick(5)]));
    }
  }

 private:
  void add_entry(int time, const std::string& content) {
    const bool full = pick(3) != 0;
    text += entry(time, content, full);
    if (!open_) lines.emplace_back();
    lines.back() += content + (full ? "\n" : "");
    open_ = !full;
  }
  std::size_t pick(std::size_t below) { return random_() % below; }

  std::mt19937 random_;
  bool open_ = false;
};

TEST_F(LogReaderTest, AnyTailOfAnyFileIsItsLastLines) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    RandomLog log(seed);
    log.grow(40);
    std::filesystem::remove(path_);
    write(log.text);
    std::string expected;
    for (std::size_t n = 0; n <= log.lines.size(); ++n) {
      if (n > 0) expected = log.lines[log.lines.size() - n] + expected;
      ASSERT_EQ(read({.tail_lines = static_cast<std::int64_t>(n)}, 7'001), expected)
          << "seed " << seed << ", tail " << n;
    }
  }
}

TEST_F(LogReaderTest, RandomBytesAreSurvived) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::string text;
    for (int i = 0; i < 2'000; ++i) {
      constexpr std::string_view kLikely = "\n  FPT:Z-+.0123456789stdouterr";
      text.push_back(random() % 4 == 0 ? static_cast<char>(random())
                                       : kLikely[random() % kLikely.size()]);
    }
    std::filesystem::remove(path_);
    write(text);
    for (const LogQuery& query :
         {LogQuery{}, LogQuery{.tail_lines = 3}, LogQuery{.timestamps = true, .since = second(0)}})
      EXPECT_LE(read(query, 100).size(), 2 * text.size());
  }
}

TEST_F(LogReaderTest, LOG5_GoesOnInTheNextFileAsIfItWereOne) {
  write(entry(0, "one") + entry(1, "cut ", false));
  LogReader reader = open({.timestamps = true});
  EXPECT_EQ(rest(reader),
            format_cri_time(second(0)) + " one\n" + format_cri_time(second(1)) + " cut ");
  std::filesystem::rename(path_, path_ + ".old");
  write(entry(2, "in two") + entry(3, "two"));
  auto next = open_log_file(path_);
  ASSERT_TRUE(next);
  reader.continue_in(std::move(*next));
  EXPECT_EQ(rest(reader), "in two\n" + format_cri_time(second(3)) + " two\n");
}

TEST_F(LogReaderTest, LOG5_LimitAndTimeHoldAcrossFiles) {
  write(entry(5, "one"));
  LogReader reader = open({.since = second(5), .limit_bytes = 6});
  EXPECT_EQ(rest(reader), "one\n");
  std::filesystem::rename(path_, path_ + ".old");
  write(entry(1, "old") + entry(6, "three"));
  reader.continue_in(std::move(*open_log_file(path_)));
  EXPECT_EQ(rest(reader), "th");
  EXPECT_TRUE(reader.finished());
}

}  // namespace
}  // namespace podvisor
