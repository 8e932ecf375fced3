#include "probes/http_response.h"

#include <strings.h>

#include <algorithm>

#include "probes/http_verdict.h"
#include "probes/probe_attempt.h"

namespace podvisor {
namespace {

bool is_interim(const http_parser& parser) {
  return parser.status_code < 200 && parser.status_code != 101;
}

ProbeResponseParser& self(http_parser* parser) {
  return *static_cast<ProbeResponseParser*>(parser->data);
}

}  // namespace

void ProbeResponse::clear() {
  head_complete = false;
  status = 0;
  location.clear();
  body_size = 0;
  body.clear();
}

bool ProbeResponse::add_body(std::string_view bytes) {
  const std::size_t wanted = std::min(bytes.size(), kMaxProbeOutput - body_size);
  if (may_warn(status)) body.append(bytes.substr(0, wanted));
  body_size += wanted;
  return body_size < kMaxProbeOutput;
}

const http_parser_settings& ProbeResponseParser::settings() {
  static const http_parser_settings callbacks = [] {
    http_parser_settings made;
    http_parser_settings_init(&made);
    made.on_header_field = &ProbeResponseParser::on_header_field;
    made.on_header_value = &ProbeResponseParser::on_header_value;
    made.on_headers_complete = &ProbeResponseParser::on_headers_complete;
    made.on_body = &ProbeResponseParser::on_body;
    made.on_message_complete = &ProbeResponseParser::on_message_complete;
    return made;
  }();
  return callbacks;
}

void ProbeResponseParser::start(ProbeResponse& response) {
  http_parser_init(&parser_, HTTP_RESPONSE);
  parser_.data = this;
  response_ = &response;
  response.clear();
  header_name_.clear();
  in_value_ = false;
  anything_ = false;
  done_ = false;
}

ProbeResponseParser::Progress ProbeResponseParser::feed(std::string_view bytes) {
  anything_ = true;
  return execute(bytes.data(), bytes.size());
}

ProbeResponseParser::Progress ProbeResponseParser::end() { return execute(nullptr, 0); }

ProbeResponseParser::Progress ProbeResponseParser::execute(const char* bytes, std::size_t size) {
  http_parser_execute(&parser_, &settings(), bytes, size);
  if (done_) return Progress::Done;
  const bool bad = HTTP_PARSER_ERRNO(&parser_) != HPE_OK || size == 0;
  return bad ? Progress::Malformed : Progress::More;
}

std::string ProbeResponseParser::error() const {
  return http_errno_description(HTTP_PARSER_ERRNO(&parser_));
}

int ProbeResponseParser::on_header_field(http_parser* parser, const char* text, std::size_t size) {
  ProbeResponseParser& it = self(parser);
  if (it.in_value_) it.header_name_.clear();
  it.in_value_ = false;
  it.header_name_.append(text, size);
  return 0;
}

int ProbeResponseParser::on_header_value(http_parser* parser, const char* text, std::size_t size) {
  ProbeResponseParser& it = self(parser);
  const bool first = !it.in_value_;
  it.in_value_ = true;
  if (strcasecmp(it.header_name_.c_str(), "location") != 0) return 0;
  // Of repeated ones the first counts; a value may come in pieces.
  if (first && !it.response_->location.empty()) it.header_name_.clear();
  if (!it.header_name_.empty()) it.response_->location.append(text, size);
  return 0;
}

int ProbeResponseParser::on_headers_complete(http_parser* parser) {
  ProbeResponse& response = *self(parser).response_;
  if (is_interim(*parser)) {
    response.location.clear();
    return 0;
  }
  response.head_complete = true;
  response.status = static_cast<int>(parser->status_code);
  response.location.erase(response.location.find_last_not_of(" \t") + 1);
  return 0;
}

int ProbeResponseParser::on_body(http_parser* parser, const char* bytes, std::size_t size) {
  ProbeResponseParser& it = self(parser);
  it.done_ = !it.response_->add_body({bytes, size});
  return it.done_ ? 1 : 0;  // not 0 ends the parsing
}

int ProbeResponseParser::on_message_complete(http_parser* parser) {
  if (is_interim(*parser)) return 0;
  self(parser).done_ = true;
  return 1;
}

}  // namespace podvisor
