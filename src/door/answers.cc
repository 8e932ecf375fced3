#include "door/answers.h"

namespace podvisor::door {
namespace {

struct Words {
  int status;
  std::string_view reason;
  std::string_view explanation;
};

constexpr Words kWords[] = {
    {400, "Bad Request", "This is no HTTP/1.1 request that can be understood in one way only.\n"},
    {405, "Method Not Allowed", "CONNECT is not served here.\n"},
    {408, "Request Timeout", "The request did not arrive in time.\n"},
    {431, "Request Header Fields Too Large", "The head of the request is too large.\n"},
    {501, "Not Implemented", "A Transfer-Encoding other than chunked is not understood.\n"},
    {502, "Bad Gateway", "The service hung up without an answer.\n"},
    {503, "Service Unavailable", "The service is not ready.\n"},
    {505, "HTTP Version Not Supported", "HTTP/1.0 and HTTP/1.1 are understood.\n"},
};

const Words& words_for(int status) {
  for (const Words& words : kWords)
    if (words.status == status) return words;
  return kWords[5];
}

}  // namespace

std::string make_answer(int status, std::string_view more_lines, bool head_only) {
  const Words& words = words_for(status);
  std::string answer = "HTTP/1.1 " + std::to_string(words.status) + " ";
  answer.append(words.reason);
  answer.append("\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ");
  answer.append(std::to_string(words.explanation.size()));
  answer.append("\r\nConnection: close\r\n");
  answer.append(more_lines);
  answer.append("\r\n");
  if (!head_only) answer.append(words.explanation);
  return answer;
}

}  // namespace podvisor::door
