#include "action/http_client.h"

#include <fcntl.h>
#include <sys/timerfd.h>

#include <utility>

#include "base/assert.h"

namespace takt {

Result<std::unique_ptr<HttpClient>> HttpClient::create(Loop& loop, Done done) {
  // Never undone: a thread that still looks up a name may outlive every request.
  if (const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK)
    return fail(ErrorCode::internal, "libcurl: {}", curl_easy_strerror(code));
  if ((curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_ASYNCHDNS) == 0)
    return fail(ErrorCode::not_supported, "this libcurl blocks while it looks up a name");
  std::unique_ptr<HttpClient> client(new HttpClient(loop, std::move(done)));
  TAKT_TRY(client->prepare());
  return client;
}

Status HttpClient::prepare() {
  timer_ = UniqueFd(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer_.valid()) return fail_errno("create a timer");
  TAKT_ASSIGN(timer_watch_, loop_.add(timer_.get(), EPOLLIN, [this](std::uint32_t) {
    std::uint64_t expirations = 0;
    // Set anew since it went off: then it is not due any more.
    if (::read(timer_.get(), &expirations, sizeof expirations) > 0) act(CURL_SOCKET_TIMEOUT, 0);
  }));
  multi_.reset(curl_multi_init());
  if (!multi_) return fail(ErrorCode::internal, "libcurl: no memory");
  CURLM* multi = multi_.get();
  TAKT_ASSERT(curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &HttpClient::on_socket) == CURLM_OK);
  TAKT_ASSERT(curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this) == CURLM_OK);
  TAKT_ASSERT(curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &HttpClient::on_timer) == CURLM_OK);
  TAKT_ASSERT(curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this) == CURLM_OK);
  TAKT_ASSERT(curl_multi_setopt(multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING)) == CURLM_OK);
  return {};
}

HttpClient::~HttpClient() {
  while (!transfers_.empty()) stop(transfers_.begin()->first);
}

Status HttpClient::start(const std::string& token, const HttpAction& action) {
  TAKT_ASSIGN(std::unique_ptr<HttpTransfer> transfer, HttpTransfer::create(token, action));
  // It sets the timer, and begins when that goes off.
  if (const CURLMcode code = curl_multi_add_handle(multi_.get(), transfer->handle()); code != CURLM_OK)
    return fail(ErrorCode::internal, "{}: {}", transfer->name(), curl_multi_strerror(code));
  transfers_[token] = std::move(transfer);
  return {};
}

void HttpClient::stop(const std::string& token) {
  const auto found = transfers_.find(token);
  if (found == transfers_.end()) return;
  (void)curl_multi_remove_handle(multi_.get(), found->second->handle());
  transfers_.erase(token);
}

int HttpClient::on_socket(CURL* handle, curl_socket_t fd, int what, void* client, void*) {
  auto* self = static_cast<HttpClient*>(client);
  if (what == CURL_POLL_REMOVE) {
    self->sockets_.erase(fd);
    return 0;
  }
  const std::uint32_t events =
      (what & CURL_POLL_IN ? std::uint32_t{EPOLLIN} : 0U) | (what & CURL_POLL_OUT ? std::uint32_t{EPOLLOUT} : 0U);
  // An error told to curl would end all requests, and those to come.
  if (Status watched = self->watch(fd, events); !watched) self->unwatched_.emplace(handle, std::move(watched).error());
  return 0;
}

Status HttpClient::watch(curl_socket_t fd, std::uint32_t events) {
  if (const auto found = sockets_.find(fd); found != sockets_.end()) return found->second.watch.modify(events);
  Socket socket;
  socket.fd = UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!socket.fd.valid()) return fail_errno("duplicate the connection's descriptor");
  TAKT_ASSIGN(socket.watch, loop_.add(socket.fd.get(), events, [this, fd](std::uint32_t ready) {
    act(fd, (ready & EPOLLIN ? CURL_CSELECT_IN : 0) | (ready & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                (ready & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0));
  }));
  sockets_.emplace(fd, std::move(socket));
  return {};
}

int HttpClient::on_timer(CURLM*, long milliseconds, void* client) {
  itimerspec in{};  // all zero: none
  if (milliseconds >= 0) {
    in.it_value.tv_sec = milliseconds / 1000;
    in.it_value.tv_nsec = milliseconds == 0 ? 1 : milliseconds % 1000 * 1'000'000;
  }
  TAKT_ASSERT(::timerfd_settime(static_cast<HttpClient*>(client)->timer_.get(), 0, &in, nullptr) == 0);
  return 0;
}

void HttpClient::act(curl_socket_t fd, int events) {
  int running = 0;
  TAKT_ASSERT(curl_multi_socket_action(multi_.get(), fd, events, &running) == CURLM_OK);
  std::map<std::string, Result<Value>> ended;
  const auto end = [this, &ended](CURL* handle, const std::function<Result<Value>(const HttpTransfer&)>& result) {
    HttpTransfer* transfer = nullptr;
    (void)curl_easy_getinfo(handle, CURLINFO_PRIVATE, &transfer);
    const std::string token = transfer->token();
    ended.emplace(token, result(*transfer));
    stop(token);
  };
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const handle = message->easy_handle;
    const CURLcode code = message->data.result;  // the message goes with the handle
    unwatched_.erase(handle);
    end(handle, [code](const HttpTransfer& transfer) { return transfer.result(code); });
  }
  for (const auto& [handle, error] : std::exchange(unwatched_, {}))
    end(handle, [&error = error](const HttpTransfer& transfer) -> Result<Value> {
      return tl::unexpected<Error>(Error(error).in(transfer.name()));
    });
  for (auto& [token, result] : ended) done_(token, std::move(result));
}

}  // namespace takt
