// Value-or-error. An Error is a finished sentence for a person: what was tried, on which pod and
// container, errno or file:line:column, and what to do about it. A function either returns an
// error or logs it, never both.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace podvisor {

struct Error {
  std::string message;
  int error_number = 0;  ///< errno where the kernel said no, else 0
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> make_error(std::string message, int error_number = 0) {
  return tl::unexpected<Error>(Error{std::move(message), error_number});
}

/// "<what>: <strerror(error_number)>". Pass errno at once: anything in between may change it.
[[nodiscard]] tl::unexpected<Error> errno_error(const std::string& what, int error_number);

/// The same error with "<context>: " before it, for the way up.
[[nodiscard]] tl::unexpected<Error> with_context(const std::string& context, const Error& error);

}  // namespace podvisor
