// Diagnostics for whoever reads them: a person at a terminal, a person with a pipe, a program.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "manifest/manifest.h"

namespace podvisor {

struct DiagnosticStyle {
  bool excerpts = false;  ///< the line of the text, and a caret under what is meant
  bool colours = false;
};

/// For what is written to `fd`: excerpts on a terminal, in colours unless NO_COLOR or TERM=dumb
/// says otherwise (no-color.org), nothing of both for a pipe.
[[nodiscard]] DiagnosticStyle style_for(int fd);

/// One diagnostic, with its final newline. Nothing in it steers a terminal but the colours.
[[nodiscard]] std::string present(const Diagnostic& diagnostic, DiagnosticStyle style);
void present(const std::vector<Diagnostic>& diagnostics, DiagnosticStyle style, std::ostream& out);

/// One line of JSON: severity, file, line, column, field, message.
[[nodiscard]] std::string to_json_line(const Diagnostic& diagnostic);

}  // namespace podvisor
