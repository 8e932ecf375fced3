#include "probes/http_request.h"

#include <algorithm>
#include <cctype>
#include <cstdint>

namespace podvisor {
namespace {

std::string base64(std::string_view bytes) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k <= bytes.size() ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}

bool describes_body(std::string_view name) {
  return name == "Content-Length" || name == "Transfer-Encoding" || name == "Trailer";
}

void add_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(value.empty() ? ":" : ": ").append(value).append("\r\n");
}

/// The headers that have a place and a default of their own; unset where the manifest has none.
struct OwnHeaders {
  const std::string* host = nullptr;
  const std::string* user_agent = nullptr;
  bool accept = false;
  bool authorization = false;
};

OwnHeaders find_own(const std::vector<HttpHeader>& headers) {
  OwnHeaders own;
  for (const HttpHeader& header : headers) {
    const std::string name = canonical_header_name(header.name);
    if (name == "Host" && own.host == nullptr) own.host = &header.value;
    if (name == "User-Agent" && own.user_agent == nullptr) own.user_agent = &header.value;
    own.accept = own.accept || name == "Accept";
    own.authorization = own.authorization || name == "Authorization";
  }
  return own;
}

void add_others(std::string& out, const std::vector<HttpHeader>& headers) {
  for (const HttpHeader& header : headers) {
    const std::string name = canonical_header_name(header.name);
    if (name == "Host" || name == "User-Agent" || describes_body(name)) continue;
    if (name == "Accept" && header.value.empty()) continue;  // HTTP-6: sends none
    add_line(out, name, header.value);
  }
}

}  // namespace

std::string canonical_header_name(std::string_view name) {
  std::string canonical(name);
  bool upper = true;
  for (char& c : canonical) {
    const auto byte = static_cast<unsigned char>(c);
    c = static_cast<char>(upper ? std::toupper(byte) : std::tolower(byte));
    upper = c == '-';
  }
  return canonical;
}

const HttpHeader* invalid_header(const std::vector<HttpHeader>& headers) {
  for (const HttpHeader& header : headers) {
    const bool invalid = std::any_of(header.value.begin(), header.value.end(), [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    });
    if (invalid) return &header;
  }
  return nullptr;
}

void write_request(std::string& out, const HttpUrl& url, const std::vector<HttpHeader>& headers,
                   bool keeps_host, std::string_view user_agent) {
  const OwnHeaders own = find_own(headers);
  out.clear();
  out.append("GET ").append(url.target).append(" HTTP/1.1\r\n");
  const bool custom_host = keeps_host && own.host != nullptr && !own.host->empty();
  add_line(out, "Host", custom_host ? *own.host : url.authority);
  std::string_view agent = user_agent;
  if (own.user_agent != nullptr) agent = *own.user_agent;
  if (!agent.empty()) add_line(out, "User-Agent", agent);
  if (!own.accept) add_line(out, "Accept", "*/*");
  const bool credentials = !url.user.empty() || !url.password.empty();
  if (credentials && !own.authorization) {
    add_line(out, "Authorization", "Basic " + base64(url.user + ":" + url.password));
  }
  add_others(out, headers);
  out.append("Connection: close\r\n\r\n");
}

}  // namespace podvisor
