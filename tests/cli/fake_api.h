// A scripted API server on a Unix socket of its own, for the verbs' tests.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "podvisor/fd.h"

namespace podvisor::cli {

struct Answer {
  enum class End { Whole, StayOpen, Break };
  int status = 200;
  std::string body;
  End end = End::Whole;   ///< Whole: closed after the body. Break: closed in the midst of a chunk
  std::string headers{};  ///< further ones, each line with its CRLF
};

class FakeApi {
 public:
  FakeApi();
  ~FakeApi();
  FakeApi(const FakeApi&) = delete;
  FakeApi& operator=(const FakeApi&) = delete;

  [[nodiscard]] std::string socket() const { return folder_ + "/api.sock"; }
  /// Answers to "GET /path?query", given one after the other; the last one again and again. Asked
  /// for anything else it answers 404.
  void on(const std::string& request, Answer answer);
  /// Every request line's method and target, in order.
  [[nodiscard]] std::vector<std::string> requests();

 private:
  void serve();
  void answer_one(Fd connection);
  [[nodiscard]] Answer next_answer(const std::string& request);

  std::string folder_;
  Fd listener_;
  Fd stop_;
  std::mutex mutex_;  ///< guards the two below
  std::map<std::string, std::deque<Answer>> answers_;
  std::vector<std::string> requests_;
  std::vector<Fd> open_;
  std::thread thread_;
};

}  // namespace podvisor::cli
