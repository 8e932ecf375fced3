#include "door/framing.h"

#include <algorithm>
#include <boost/beast/core/detail/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <limits>

#include "door/strict_head.h"

namespace podvisor::door {

namespace http = boost::beast::http;
using boost::beast::iequals;
using ErrorCode = boost::beast::error_code;
using View = boost::beast::string_view;

namespace {

constexpr std::size_t kMaxHopLines = 16;
/// Of a chunk's size line with its extensions, or of the last one with all trailers.
constexpr std::size_t kMaxChunkLines = 16UL * 1024;

bool is_idempotent(http::verb verb) {
  switch (verb) {
    case http::verb::get:
    case http::verb::head:
    case http::verb::options:
    case http::verb::trace:
    case http::verb::put:
    case http::verb::delete_:
      return true;
    default:
      return false;
  }
}

/// "close", "keep-alive" or both, and nothing else.
bool says_only_persistence(View value) {
  for (const auto& word : http::opt_token_list(value))
    if (!iequals("close", word) && !iequals("keep-alive", word)) return false;
  return true;
}

FramingError to_framing_error(const ErrorCode& code) {
  if (code == http::error::header_limit) return FramingError::HeadTooLarge;
  if (code == http::error::bad_version) return FramingError::Version;
  return FramingError::Malformed;
}

}  // namespace

const char* to_string(FramingError error) {
  switch (error) {
    case FramingError::None:
      return "none";
    case FramingError::Malformed:
      return "malformed";
    case FramingError::HeadTooLarge:
      return "head_too_large";
    case FramingError::UnknownTransferCoding:
      return "unknown_transfer_coding";
    case FramingError::Version:
      return "version";
    case FramingError::Truncated:
      return "truncated";
  }
  return "unknown";
}

/// What differs between the two kinds of Beast's parser, behind one face.
class Framing::Parser {
 public:
  virtual ~Parser() = default;
  virtual void start(std::size_t max_head, bool head_request, Head& head) = 0;
  virtual std::size_t put(std::string_view bytes, ErrorCode& code) = 0;
  virtual void put_eof(ErrorCode& code) = 0;
  [[nodiscard]] virtual bool head_done() const = 0;
  [[nodiscard]] virtual bool done() const = 0;
  [[nodiscard]] virtual std::uint64_t length_left() const = 0;
  /// What only the parser knows, once the head is done.
  virtual void conclude(Head& head) const = 0;

  /// What the next put() looks at: the head from its first byte on.
  void look_at(std::string_view head) { head_bytes_ = head; }
  [[nodiscard]] FramingError refused() const { return refused_; }
  /// Bytes of the current chunk's data that are still to come.
  [[nodiscard]] std::uint64_t chunk_left() const { return chunk_left_; }

 protected:
  void see_field(http::field field, View name, View value, bool request) {
    if (field == http::field::host) {
      if (head_->has_host) refused_ = FramingError::Malformed;  // two hosts, two readings
      head_->has_host = true;
    }
    if (field == http::field::keep_alive ||
        (field == http::field::connection && says_only_persistence(value)))
      see_hop_line(name);
    if (!request) return;
    if (field == http::field::transfer_encoding) see_transfer_coding(value);
    if (field == http::field::content_length) see_length(value);
  }

  std::string_view head_bytes_;
  Head* head_ = nullptr;
  int lengths_ = 0;
  int codings_ = 0;
  std::uint64_t chunk_left_ = 0;
  FramingError refused_ = FramingError::None;

 private:
  void see_hop_line(View name) {
    if (head_->hop_lines.size() == kMaxHopLines) return;
    const auto begin = static_cast<std::size_t>(name.data() - head_bytes_.data());
    head_->hop_lines.push_back({begin, head_bytes_.find('\n', begin) + 1});
  }

  void see_transfer_coding(View value) {
    if (!iequals("chunked", value)) refused_ = FramingError::UnknownTransferCoding;
    if (++codings_ > 1 || head_->http10) refused_ = FramingError::Malformed;
  }

  void see_length(View value) {
    const bool digits = value.find_first_not_of("0123456789") == View::npos;
    if (++lengths_ > 1 || value.empty() || !digits) refused_ = FramingError::Malformed;
  }
};

template <bool is_request>
class Framing::BeastParser final : public Framing::Parser {
 public:
  void start(std::size_t max_head, bool head_request, Head& head) override {
    head_ = &head;
    lengths_ = codings_ = 0;
    chunk_left_ = 0;
    refused_ = FramingError::None;
    beast_.emplace(*this);
    beast_->header_limit(static_cast<std::uint32_t>(max_head));
    // Not "none": Boost 1.74 takes that for less than any length.
    beast_->body_limit(std::numeric_limits<std::uint64_t>::max());
    if (head_request) beast_->skip(true);
  }
  std::size_t put(std::string_view bytes, ErrorCode& code) override {
    return beast_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), code);
  }
  void put_eof(ErrorCode& code) override { beast_->put_eof(code); }
  [[nodiscard]] bool head_done() const override { return beast_->is_header_done(); }
  [[nodiscard]] bool done() const override { return beast_->is_done(); }
  [[nodiscard]] std::uint64_t length_left() const override {
    return beast_->content_length_remaining().value_or(0);
  }
  void conclude(Head& head) const override {
    head.keep_alive = beast_->keep_alive();
    head.upgrade = beast_->upgrade();
    head.has_body = !beast_->is_done();
    head.chunked = head.has_body && beast_->chunked();
    head.until_close = !is_request && head.has_body && beast_->need_eof();
  }

 private:
  class Beast final : public http::basic_parser<is_request> {
   public:
    explicit Beast(BeastParser& owner) : owner_(owner) {}

   private:
    void on_request_impl(http::verb verb, View method, View, int version, ErrorCode&) override {
      owner_.head_->http10 = version == 10;
      owner_.head_->idempotent = is_idempotent(verb);
      owner_.head_->head_method = verb == http::verb::head;
      owner_.head_->connect_method = method == "CONNECT";
    }
    void on_response_impl(int status, View, int version, ErrorCode&) override {
      owner_.head_->http10 = version == 10;
      owner_.head_->status = status;
    }
    void on_field_impl(http::field field, View name, View value, ErrorCode&) override {
      // Trailers pass here too; they change nothing any more.
      if (!this->is_header_done()) owner_.see_field(field, name, value, is_request);
    }
    void on_header_impl(ErrorCode&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
    std::size_t on_body_impl(View body, ErrorCode&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t size, View, ErrorCode&) override {
      owner_.chunk_left_ = size;
    }
    std::size_t on_chunk_body_impl(std::uint64_t left, View body, ErrorCode&) override {
      owner_.chunk_left_ = left - body.size();
      return body.size();
    }
    void on_finish_impl(ErrorCode&) override {}

    BeastParser& owner_;
  };

  std::optional<Beast> beast_;
};

Framing::Framing(Kind kind) : kind_(kind) {}
Framing::~Framing() = default;
Framing::Framing(Framing&&) noexcept = default;
Framing& Framing::operator=(Framing&&) noexcept = default;

void Framing::start(std::size_t max_head, bool head_request) {
  if (!parser_) {
    if (kind_ == Kind::Request) parser_ = std::make_unique<BeastParser<true>>();
    if (kind_ == Kind::Response) parser_ = std::make_unique<BeastParser<false>>();
  }
  max_head_ = max_head;
  head_seen_ = 0;
  head_done_ = done_ = chunk_end_due_ = false;
  chunk_line_.clear();
  error_ = FramingError::None;
  std::vector<HeadLine> kept = std::move(head_.hop_lines);  // its memory
  kept.clear();
  head_ = Head{};
  head_.hop_lines = std::move(kept);
  parser_->start(max_head, head_request, head_);
}

std::size_t Framing::feed(std::string_view bytes) {
  if (error_ != FramingError::None || done_ || bytes.empty()) return 0;
  return head_done_ ? feed_body(bytes) : feed_head(bytes);
}

std::size_t Framing::fail(FramingError error) {
  error_ = error;
  return 0;
}

/// Beast consumes line by line; what is consumed counts towards the head all the same.
std::size_t Framing::feed_head(std::string_view bytes) {
  const std::string_view head(bytes.data() - head_seen_, head_seen_ + bytes.size());
  parser_->look_at(head);
  ErrorCode code;
  const std::size_t used = parser_->put(bytes, code);
  if (parser_->refused() != FramingError::None) return fail(parser_->refused());
  if (code && has_bare_feed(head)) return fail(FramingError::Malformed);
  if (code == http::error::need_more) {
    head_seen_ += used;
    return head.size() > max_head_ ? fail(FramingError::HeadTooLarge) : used;
  }
  if (code) return fail(to_framing_error(code));
  head_seen_ += used;
  if (head_seen_ > max_head_) return fail(FramingError::HeadTooLarge);
  finish_head(head.substr(0, head_seen_));
  return error_ == FramingError::None ? used : 0;
}

void Framing::finish_head(std::string_view head) {
  if (!is_strict_head(head)) {
    error_ = FramingError::Malformed;
    return;
  }
  head_.size = head.size();
  parser_->conclude(head_);
  if (kind_ == Kind::Request && !head_.http10 && !head_.has_host) error_ = FramingError::Malformed;
  head_done_ = true;
  done_ = parser_->done();
}

std::size_t Framing::feed_body(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !parser_->done() && error_ == FramingError::None) {
    const std::string_view rest = bytes.substr(used);
    std::size_t step = 0;
    if (!head_.chunked)
      (void)put(rest, step);
    else if (parser_->chunk_left() > 0)
      step = feed_chunk_data(rest);
    else if (chunk_end_due_)
      step = feed_chunk_end(rest);
    else
      step = feed_chunk_line(rest);
    if (step == 0) break;
    used += step;
  }
  done_ = parser_->done();
  return error_ == FramingError::None ? used : 0;
}

bool Framing::put(std::string_view bytes, std::size_t& used) {
  ErrorCode code;
  used = parser_->put(bytes, code);
  if (code && code != http::error::need_more) error_ = FramingError::Malformed;
  return error_ == FramingError::None;
}

std::size_t Framing::feed_chunk_data(std::string_view bytes) {
  const std::uint64_t size = std::min<std::uint64_t>(parser_->chunk_left(), bytes.size());
  std::size_t used = 0;
  if (!put(bytes.substr(0, size), used)) return 0;
  chunk_end_due_ = parser_->chunk_left() == 0;
  return used;
}

/// Beast takes it for the beginning of the next chunk's line. Passed on only with that, a stream's
/// latest chunk would lack its end until the next is there.
std::size_t Framing::feed_chunk_end(std::string_view bytes) {
  constexpr std::string_view kEnd = "\r\n";
  if (!bytes.starts_with(kEnd.substr(0, bytes.size()))) return fail(FramingError::Malformed);
  if (bytes.size() < kEnd.size()) return 0;
  chunk_end_due_ = false;
  chunk_line_ = kEnd;
  return kEnd.size();
}

/// Line by line; the last chunk's stays until the trailers are whole.
std::size_t Framing::feed_chunk_line(std::string_view bytes) {
  const std::size_t feed = bytes.find('\n');
  const std::size_t size = feed == std::string_view::npos ? bytes.size() : feed + 1;
  if (chunk_line_.size() + size > kMaxChunkLines) return fail(FramingError::Malformed);
  if (feed == std::string_view::npos) return 0;
  chunk_line_.append(bytes.substr(0, size));
  std::size_t used = 0;
  if (!put(chunk_line_, used)) return 0;
  if (used > 0) chunk_line_.clear();
  return size;
}

std::uint64_t Framing::body_left() const {
  return head_done_ && !done_ && !head_.chunked && !head_.until_close ? parser_->length_left() : 0;
}

/// The parser counts a body's bytes and does not look at them.
void Framing::pass_body(std::size_t size) {
  static constexpr char kUnseen[16384] = {};
  while (size > 0 && !done_) {
    const std::size_t step = std::min(size, sizeof kUnseen);
    size -= feed_body({kUnseen, step});
  }
}

void Framing::feed_end() {
  if (done_ || error_ != FramingError::None) return;
  ErrorCode code;
  if (head_done_) parser_->put_eof(code);
  if (!head_done_ || code)
    error_ = FramingError::Truncated;
  else
    done_ = true;
}

}  // namespace podvisor::door
