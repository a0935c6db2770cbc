// HTTP requests in the loop.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "action/http_transfer.h"
#include "base/fd.h"
#include "base/result.h"
#include "base/value.h"
#include "definition/action.h"
#include "loop/loop.h"

namespace takt {

// Owns libcurl's multi handle, its descriptors' places in the loop, its timer, and the requests under way. It never
// blocks: curl looks names up in a thread of its own, says what it waits for, and is called when that is ready.
class HttpClient {
 public:
  using Done = std::function<void(const std::string& token, Result<Value> result)>;

  // `done` comes once for each request that was begun and not stopped, never from within start() or stop(); both may be
  // called from it. `loop` must outlive this. Refused (not_supported): a libcurl that blocks while it looks up a name.
  static Result<std::unique_ptr<HttpClient>> create(Loop& loop, Done done);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Refused, with nothing sent: what HttpTransfer::create() refuses.
  Status start(const std::string& token, const HttpAction& action);
  // Closes the connection.
  void stop(const std::string& token);

 private:
  struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };
  struct Socket {
    UniqueFd fd;  // a duplicate: nothing may be closed while epoll watches it, and curl closes its own when it likes
    Loop::Watch watch;
  };

  HttpClient(Loop& loop, Done done) : loop_(loop), done_(std::move(done)) {}
  Status prepare();
  static int on_socket(CURL* handle, curl_socket_t fd, int what, void* client, void* unused);
  static int on_timer(CURLM* multi, long milliseconds, void* client);
  Status watch(curl_socket_t fd, std::uint32_t events);
  void act(curl_socket_t fd, int events);

  Loop& loop_;
  Done done_;
  UniqueFd timer_;
  Loop::Watch timer_watch_;
  std::map<curl_socket_t, Socket> sockets_;
  std::map<CURL*, Error> unwatched_;  // requests whose descriptor the loop did not take
  std::map<std::string, std::unique_ptr<HttpTransfer>> transfers_;
  std::unique_ptr<CURLM, FreeMulti> multi_;  // last: its end takes out what is above
};

}  // namespace takt
