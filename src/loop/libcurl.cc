#include "loop/libcurl.h"

#include <dlfcn.h>

#include <string>

namespace podvisor {
namespace {

/// Of the ABI whose headers are included.
constexpr char kLibrary[] = "libcurl.so.4";

Error cannot_load() {
  return {std::string("loading libcurl: ") + dlerror() + "; install libcurl4"};
}

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, LibCurl& curl) {
  return find(library, "curl_easy_init", curl.easy_init) &&
         find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
         find(library, "curl_easy_reset", curl.easy_reset) &&
         find(library, "curl_easy_setopt", curl.easy_setopt) &&
         find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
         find(library, "curl_easy_perform", curl.easy_perform) &&
         find(library, "curl_easy_header", curl.easy_header) &&
         find(library, "curl_easy_strerror", curl.easy_strerror) &&
         find(library, "curl_slist_append", curl.slist_append) &&
         find(library, "curl_slist_free_all", curl.slist_free_all) &&
         find(library, "curl_multi_init", curl.multi_init) &&
         find(library, "curl_multi_cleanup", curl.multi_cleanup) &&
         find(library, "curl_multi_setopt", curl.multi_setopt) &&
         find(library, "curl_multi_add_handle", curl.multi_add_handle) &&
         find(library, "curl_multi_remove_handle", curl.multi_remove_handle) &&
         find(library, "curl_multi_socket_action", curl.multi_socket_action) &&
         find(library, "curl_multi_info_read", curl.multi_info_read) &&
         find(library, "curl_multi_strerror", curl.multi_strerror) &&
         find(library, "curl_url", curl.url) &&
         find(library, "curl_url_cleanup", curl.url_cleanup) &&
         find(library, "curl_url_get", curl.url_get) &&
         find(library, "curl_url_set", curl.url_set) && find(library, "curl_free", curl.free);
}

Result<LibCurl> load() {
  void* const library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return tl::unexpected(cannot_load());
  LibCurl curl;
  decltype(&curl_global_init) global_init = nullptr;
  if (!find(library, "curl_global_init", global_init) || !find_all(library, curl))
    return tl::unexpected(cannot_load());
  if (const CURLcode code = global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK)
    return make_error(std::string("starting libcurl: ") + curl.easy_strerror(code));
  return curl;
}

}  // namespace

const Result<LibCurl>& libcurl() {
  static const Result<LibCurl> loaded = load();
  return loaded;
}

}  // namespace podvisor
