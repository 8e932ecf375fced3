#include "door/head_edit.h"

namespace podvisor::door {
namespace {

std::string_view line_for(Persistence persistence) {
  switch (persistence) {
    case Persistence::KeepAlive:
      return "Connection: keep-alive\r\n";
    case Persistence::Close:
      return "Connection: close\r\n";
    default:
      return {};
  }
}

void append_without(std::string_view head, const std::vector<HeadLine>& lines, std::string& out) {
  std::size_t from = 0;
  for (const HeadLine& line : lines) {
    out.append(head.substr(from, line.begin - from));
    from = line.end;
  }
  out.append(head.substr(from));
}

}  // namespace

void edit_head(std::string_view bytes, const Head& head, Persistence persistence,
               std::string_view more, std::string& out) {
  const std::string_view lines = bytes.substr(0, bytes.size() - 2);
  if (persistence == Persistence::AsSaid)
    out.append(lines);
  else
    append_without(lines, head.hop_lines, out);
  out.append(line_for(persistence));
  out.append(more);
  out.append("\r\n");
}

Persistence request_persistence(const Head& request) {
  if (request.upgrade) return Persistence::AsSaid;
  // An HTTP/1.0 client's endpoint answers as for HTTP/1.0, and is asked aloud to stay.
  if (request.http10) return Persistence::KeepAlive;
  return request.hop_lines.empty() ? Persistence::AsSaid : Persistence::Silent;
}

Persistence response_persistence(const Head& request, const Head& response, bool client_stays) {
  if (response.status == 101) return Persistence::AsSaid;
  if (!client_stays) return Persistence::Close;
  if (request.http10) return Persistence::KeepAlive;
  return response.hop_lines.empty() ? Persistence::AsSaid : Persistence::Silent;
}

std::string forwarded_lines(std::string_view client_address) {
  std::string lines = "X-Forwarded-For: ";
  lines.append(client_address);
  lines.append("\r\nX-Forwarded-Proto: http\r\n");
  return lines;
}

}  // namespace podvisor::door
