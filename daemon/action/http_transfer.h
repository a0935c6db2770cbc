// One HTTP request: how libcurl is told of it, and what becomes of the response.
#pragma once

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/value.h"
#include "definition/action.h"

namespace takt {

// Owns the handle of one transfer, and what has come of the response: at most limits::value_bytes.
//
// http and https, certificates and names verified against the machine's authorities. GET and HEAD follow up to
// limits::redirects redirects, unless `expect` names one of 300 to 399; never from https to http; Authorization and
// Cookie do not go to another host (curl's rule), other headers do. Another method is never sent twice. There are no
// cookies, no .netrc, no cache; each request has a connection of its own, so that none is tried again on a connection
// that died. A proxy is what the daemon's own environment says (http_proxy, https_proxy, all_proxy, no_proxy: curl(1)).
class HttpTransfer {
 public:
  // Refused (invalid_input): a URL that is none or of another scheme; a method or a header that is not one (RFC 9110,
  // 5.1, 5.5, 9.1), which keeps a value from bringing further headers; the headers that frame the body.
  static Result<std::unique_ptr<HttpTransfer>> create(std::string token, const HttpAction& action);
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  [[nodiscard]] const std::string& token() const { return token_; }
  // CURLOPT_PRIVATE is this.
  [[nodiscard]] CURL* handle() const { return handle_.get(); }

  // Once it is over: {status, headers, body}, or "GET URL: " and what went wrong. Names of headers are in lower case,
  // values of one name are joined by ", " (RFC 9110, 5.3). A JSON body (application/json, …+json) is parsed, and null
  // when empty; another one is a text, with U+FFFD for what is not UTF-8.
  [[nodiscard]] Result<Value> result(CURLcode code) const;
  // "GET https://example.org/x", without user and password.
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  struct Free {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  explicit HttpTransfer(std::string token) : token_(std::move(token)) {}
  Status set_target(const HttpAction& action);
  Status set_headers(const HttpAction& action);
  Status set_body(const HttpAction& action);
  template <class T>
  Status set(CURLoption option, T value);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* transfer);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* transfer);
  bool take(std::size_t bytes);
  [[nodiscard]] bool expected(long status) const;
  [[nodiscard]] Value headers() const;
  [[nodiscard]] Error unexpected_status(long status) const;

  std::string token_;
  std::string name_;
  std::string method_;
  std::vector<int> expect_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::unique_ptr<curl_slist, Free> header_list_;
  std::string body_;
  std::size_t received_ = 0;  // headers and body together
  bool too_large_ = false;
  std::unique_ptr<CURL, Free> handle_;  // last: it writes to the others
};

}  // namespace takt
