#include "action/http_transfer.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

#include "action/limits.h"
#include "base/limits.h"
#include "base/text.h"

namespace takt {

namespace {

constexpr std::size_t shown_bytes = 200;  // of a body that came with a status nobody expected

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c);
  });
  return lowered;
}

// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 ||
                        std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos);
  });
}

bool is_json(const Value& headers) {
  const Value* found = headers.member("content-type");
  if (found == nullptr) return false;
  std::string type = lower(found->get<std::string>());
  type = type.substr(0, type.find_first_of("; \t,"));
  return type == "application/json" || type.ends_with("+json");
}

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};

// The URL for people: the same, without user and password.
Result<std::string> check_url(const std::string& text) {
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  const std::string shown = beginning(text, shown_bytes);
  if (text.find('\0') != std::string::npos) return fail(ErrorCode::invalid_input, "the URL holds a NUL");
  if (const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0); code != CURLUE_OK)
    return fail(ErrorCode::invalid_input, "'{}' is not a URL: {}", shown, curl_url_strerror(code));
  const auto part = [&url](CURLUPart which) {
    char* found = nullptr;
    (void)curl_url_get(url.get(), which, &found, 0);
    const std::unique_ptr<char, FreeUrl> owned(found);
    return std::string(found == nullptr ? "" : found);
  };
  if (const std::string scheme = part(CURLUPART_SCHEME); scheme != "http" && scheme != "https")
    return fail(ErrorCode::invalid_input, "'{}' is of the scheme {}; http and https can be asked", shown, scheme);
  (void)curl_url_set(url.get(), CURLUPART_USER, nullptr, 0);
  (void)curl_url_set(url.get(), CURLUPART_PASSWORD, nullptr, 0);
  return part(CURLUPART_URL);
}

}  // namespace

template <class T>
Status HttpTransfer::set(CURLoption option, T value) {
  if (const CURLcode code = curl_easy_setopt(handle_.get(), option, value); code != CURLE_OK)
    return fail(ErrorCode::internal, "{}: {}", name_, curl_easy_strerror(code));
  return {};
}

Result<std::unique_ptr<HttpTransfer>> HttpTransfer::create(std::string token, const HttpAction& action) {
  std::unique_ptr<HttpTransfer> transfer(new HttpTransfer(std::move(token)));
  transfer->handle_.reset(curl_easy_init());
  if (!transfer->handle_) return fail(ErrorCode::internal, "no memory for a request");
  transfer->method_ = action.method;
  transfer->expect_ = action.expect;
  TAKT_TRY(transfer->set_target(action));
  TAKT_TRY(transfer->set_headers(action));
  TAKT_TRY(transfer->set_body(action));
  return transfer;
}

Status HttpTransfer::set_target(const HttpAction& action) {
  if (!is_token(action.method))
    return fail(ErrorCode::invalid_input, "'{}' is not a method", beginning(action.method, shown_bytes));
  TAKT_ASSIGN(const std::string shown, check_url(action.url));
  name_ = action.method + " " + shown;
  TAKT_TRY(set(CURLOPT_URL, action.url.c_str()));
  TAKT_TRY(set(CURLOPT_PROTOCOLS_STR, "http,https"));
  TAKT_TRY(set(CURLOPT_REDIR_PROTOCOLS_STR, shown.starts_with("https:") ? "https" : "http,https"));
  TAKT_TRY(set(CURLOPT_SSL_VERIFYPEER, 1L));
  TAKT_TRY(set(CURLOPT_SSL_VERIFYHOST, 2L));
  const bool redirect_expected =
      std::any_of(expect_.begin(), expect_.end(), [](int status) { return status / 100 == 3; });
  TAKT_TRY(set(CURLOPT_FOLLOWLOCATION, (method_ == "GET" || method_ == "HEAD") && !redirect_expected ? 1L : 0L));
  TAKT_TRY(set(CURLOPT_MAXREDIRS, limits::redirects));
  TAKT_TRY(set(CURLOPT_FRESH_CONNECT, 1L));
  TAKT_TRY(set(CURLOPT_FORBID_REUSE, 1L));
  TAKT_TRY(set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED)));
  TAKT_TRY(set(CURLOPT_USERAGENT, "taktd/" TAKT_VERSION));
  TAKT_TRY(set(CURLOPT_TCP_KEEPALIVE, 1L));  // a server that died is found out, if the step has no time-out
  TAKT_TRY(set(CURLOPT_NOSIGNAL, 1L));
  TAKT_TRY(
      set(CURLOPT_QUICK_EXIT, 1L));  // a request that is stopped does not wait for the thread that resolves its name
  TAKT_TRY(set(CURLOPT_ERRORBUFFER, error_.data()));
  TAKT_TRY(set(CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header));
  TAKT_TRY(set(CURLOPT_HEADERDATA, this));
  TAKT_TRY(set(CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body));
  TAKT_TRY(set(CURLOPT_WRITEDATA, this));
  return set(CURLOPT_PRIVATE, this);
}

Status HttpTransfer::set_headers(const HttpAction& action) {
  std::vector<std::string> lines{"Expect:"};  // without a value, curl's own is not sent
  bool typed = false;
  for (const auto& [header, value] : action.headers) {
    const std::string lowered = lower(header);
    if (!is_token(header))
      return fail(ErrorCode::invalid_input, "'{}' is not the name of a header", beginning(header, shown_bytes));
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return fail(ErrorCode::invalid_input, "the header {} holds a line break or a NUL", header);
    if (lowered == "content-length" || lowered == "transfer-encoding")
      return fail(ErrorCode::invalid_input, "the header {} is made from the body; it cannot be given", header);
    typed = typed || lowered == "content-type";
    const bool empty = value.find_first_not_of(" \t") == std::string::npos;
    lines.push_back(empty ? header + ";" : fmt::format("{}: {}", header, value));  // curl's way of an empty one
  }
  // A text is sent as it is; nothing says of what type it is, unless a header does.
  if (!typed)
    lines.emplace_back(action.body.is_null() || action.body.is_string() ? "Content-Type:"
                                                                        : "Content-Type: application/json");
  for (const std::string& line : lines) {
    curl_slist* list = curl_slist_append(header_list_.get(), line.c_str());
    if (list == nullptr) return fail(ErrorCode::internal, "no memory for a header");
    (void)header_list_.release();
    header_list_.reset(list);
  }
  return set(CURLOPT_HTTPHEADER, header_list_.get());
}

Status HttpTransfer::set_body(const HttpAction& action) {
  const bool wants_body = method_ == "POST" || method_ == "PUT" || method_ == "PATCH";  // if only an empty one
  if (method_ == "HEAD") {
    if (!action.body.is_null()) return fail(ErrorCode::invalid_input, "HEAD has no body");
    return set(CURLOPT_NOBODY, 1L);
  }
  if (!action.body.is_null() || wants_body) {
    const std::string body = action.body.is_null()     ? ""
                             : action.body.is_string() ? action.body.get<std::string>()
                                                       : value_text(action.body);
    TAKT_TRY(set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size())));
    TAKT_TRY(set(CURLOPT_COPYPOSTFIELDS, body.c_str()));
  }
  return set(CURLOPT_CUSTOMREQUEST, method_.c_str());
}

std::size_t HttpTransfer::on_header(char*, std::size_t size, std::size_t count, void* transfer) {
  return static_cast<HttpTransfer*>(transfer)->take(size * count) ? size * count : 0;
}

std::size_t HttpTransfer::on_body(char* data, std::size_t size, std::size_t count, void* transfer) {
  auto* self = static_cast<HttpTransfer*>(transfer);
  if (!self->take(size * count)) return 0;
  self->body_.append(data, size * count);
  return size * count;
}

// curl keeps headers itself, so they are counted, too.
bool HttpTransfer::take(std::size_t bytes) {
  received_ += bytes;
  too_large_ = received_ > limits::value_bytes;
  return !too_large_;
}

bool HttpTransfer::expected(long status) const {
  if (expect_.empty()) return status >= 200 && status <= 299;
  return std::find(expect_.begin(), expect_.end(), status) != expect_.end();
}

Value HttpTransfer::headers() const {
  Value headers = Value::object();
  constexpr unsigned int origins = CURLH_HEADER | CURLH_TRAILER;
  constexpr int last_response = -1;
  for (curl_header* header = nullptr;
       (header = curl_easy_nextheader(handle_.get(), origins, last_response, header)) != nullptr;) {
    const std::string key = as_utf8(lower(header->name));
    const std::string value = as_utf8(header->value);
    if (headers.contains(key))
      headers[key] = headers[key].get<std::string>() + ", " + value;
    else
      headers[key] = value;
  }
  return headers;
}

Error HttpTransfer::unexpected_status(long status) const {
  std::string message = fmt::format("{}: status {}, expected {}", name_, status,
                                    expect_.empty() ? "200 to 299" : fmt::format("{}", fmt::join(expect_, ", ")));
  if (status / 100 == 3 && method_ != "GET" && method_ != "HEAD")
    message += "; redirects are followed by GET and HEAD alone";
  if (!body_.empty()) message += ": " + beginning(body_, shown_bytes);
  return {ErrorCode::io, std::move(message)};
}

Result<Value> HttpTransfer::result(CURLcode code) const {
  long status = 0;
  (void)curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  const auto too_large = [this] {
    return fail(ErrorCode::limit_exceeded, "{}: the response is larger than {} bytes", name_, limits::value_bytes);
  };
  if (code != CURLE_OK && !too_large_)
    return fail(ErrorCode::unavailable, "{}: {}", name_,
                as_utf8(error_[0] != '\0' ? error_.data() : curl_easy_strerror(code)));
  if (!expected(status)) return tl::unexpected<Error>(unexpected_status(status));
  if (too_large_) return too_large();
  Value response = {{"status", status}, {"headers", headers()}, {"body", nullptr}};
  if (!is_json(response["headers"])) {
    response["body"] = as_utf8(body_);
  } else if (!body_.empty()) {
    Result<Value> parsed = parse_value(body_);
    if (!parsed) return tl::unexpected<Error>(std::move(parsed).error().in(name_ + ": the body is not JSON"));
    response["body"] = std::move(*parsed);
  }
  if (value_text(response).size() > limits::value_bytes) return too_large();
  return response;
}

}  // namespace takt
