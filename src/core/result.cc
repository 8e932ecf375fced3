#include "podvisor/result.h"

#include <system_error>

namespace podvisor {

tl::unexpected<Error> errno_error(const std::string& what, int error_number) {
  return make_error(what + ": " + std::generic_category().message(error_number), error_number);
}

tl::unexpected<Error> with_context(const std::string& context, const Error& error) {
  return make_error(context + ": " + error.message, error.error_number);
}

}  // namespace podvisor
