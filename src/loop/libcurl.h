// libcurl, loaded when it is first needed. It brings thirty libraries with it that take a third of
// podvisor's memory and most of the time to start. Where no probe asks by HTTPS or is redirected
// that would be for nothing.
#pragma once

#include <curl/curl.h>

#include "podvisor/result.h"

namespace podvisor {

/// The functions that are used, under libcurl's names without `curl_`.
struct LibCurl {
  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&curl_easy_reset) easy_reset = nullptr;
  decltype(&curl_easy_setopt) easy_setopt = nullptr;
  decltype(&curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&curl_easy_perform) easy_perform = nullptr;
  decltype(&curl_easy_header) easy_header = nullptr;
  decltype(&curl_easy_strerror) easy_strerror = nullptr;
  decltype(&curl_slist_append) slist_append = nullptr;
  decltype(&curl_slist_free_all) slist_free_all = nullptr;
  decltype(&curl_multi_init) multi_init = nullptr;
  decltype(&curl_multi_cleanup) multi_cleanup = nullptr;
  decltype(&curl_multi_setopt) multi_setopt = nullptr;
  decltype(&curl_multi_add_handle) multi_add_handle = nullptr;
  decltype(&curl_multi_remove_handle) multi_remove_handle = nullptr;
  decltype(&curl_multi_socket_action) multi_socket_action = nullptr;
  decltype(&curl_multi_info_read) multi_info_read = nullptr;
  decltype(&curl_multi_strerror) multi_strerror = nullptr;
  decltype(&curl_url) url = nullptr;
  decltype(&curl_url_cleanup) url_cleanup = nullptr;
  decltype(&curl_url_get) url_get = nullptr;
  decltype(&curl_url_set) url_set = nullptr;
  decltype(&curl_free) free = nullptr;
};

/// The first call loads it and makes it ready, for good. Error: it is not installed. Any thread.
[[nodiscard]] const Result<LibCurl>& libcurl();
/// For whoever comes after it has been loaded, as all do who have a handle.
[[nodiscard]] inline const LibCurl& curl() { return *libcurl(); }

}  // namespace podvisor
