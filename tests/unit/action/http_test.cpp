#include <dlfcn.h>
#include <netdb.h>

#include <atomic>
#include <cstdio>
#include <string_view>

#include "action_fixture.h"
#include "base/limits.h"
#include "base/text.h"
#include "http_server.h"

// The name server of slow.invalid takes its time; other names go to the C library.
static std::atomic<bool> slow_name_asked{false};
static std::atomic<bool> slow_name_known{false};

extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
  if (std::string_view(name == nullptr ? "" : name) == "slow.invalid") {
    slow_name_asked = true;
    slow_name_known.wait(false);
    return EAI_NONAME;
  }
  static const auto real = reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(name, service, hints, found);
}

namespace takt {
namespace {

std::string response(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers +
         "Connection: close\r\n\r\n" + body;
}

std::string answer(const std::string& path) {
  if (path == "/json")
    return response("200 OK", "Content-Type: Application/JSON; charset=utf-8\r\n", R"({"count": 3})");
  if (path == "/problem") return response("200 OK", "Content-Type: application/problem+json\r\n", "[1]");
  if (path == "/broken") return response("200 OK", "Content-Type: application/json\r\n", R"({"count": )");
  if (path == "/empty") return response("200 OK", "Content-Type: application/json\r\n", "");
  if (path == "/text")
    return response("200 OK", "X-One: a\r\nx-one:  b \r\nContent-Type: text/plain\r\n", "caf\xc3\xa9 \xe9");
  if (path == "/created") return response("201 Created", "", "");
  if (path == "/hop") return response("302 Found", "Location: /json\r\nX-Hop: 1\r\n", "gone there");
  if (path == "/loop") return response("302 Found", "Location: /loop\r\n", "");
  if (path == "/file") return response("302 Found", "Location: file:///etc/passwd\r\n", "");
  if (path == "/large") return response("200 OK", "", std::string(limits::value_bytes, 'x'));
  if (path == "/large-error")
    return response("500 Internal Server Error", "", std::string(2 * limits::value_bytes, 'x'));
  if (path == "/endless")
    return "HTTP/1.1 200 OK\r\n" + [] {
      std::string headers;
      while (headers.size() <= limits::value_bytes) headers += "X: " + std::string(60'000, 'x') + "\r\n";
      return headers;
    }();
  if (path == "/controls") return response("200 OK", "", std::string(limits::value_bytes / 2, '\x01'));
  if (path == "/slow") return "";
  return response("404 Not Found", "", "nothing\nhere: " + std::string(300, '.'));
}

class HttpTest : public ActionTest {
 protected:
  [[nodiscard]] HttpAction get(const std::string& path) const {
    HttpAction action;
    action.url = server_.url(path);
    return action;
  }
  HttpServer server_{answer};
  void TearDown() override { runner_.reset(); }  // before the server, which waits for slow requests to go
};

TEST_F(HttpTest, TheResponseIsStatusHeadersAndBody) {
  const auto result = perform(get("/json"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(*result, Value::parse(R"({"status": 200, "body": {"count": 3}, "headers":
    {"content-length": "12", "content-type": "Application/JSON; charset=utf-8", "connection": "close"}})"));
  const std::string request = server_.requests().at(0);
  EXPECT_TRUE(request.starts_with("GET /json HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("\r\nUser-Agent: taktd/" TAKT_VERSION "\r\n"), std::string::npos) << request;
}

TEST_F(HttpTest, BodiesByTheirType) {
  EXPECT_EQ((*perform(get("/problem")))["body"], Value::array({1}));
  EXPECT_EQ((*perform(get("/empty")))["body"], Value());
  EXPECT_EQ((*perform(get("/created")))["body"], "");
  const Value text = *perform(get("/text"));
  EXPECT_EQ(text["body"], "café \xef\xbf\xbd");
  EXPECT_EQ(text["headers"]["x-one"], "a, b");
  EXPECT_TRUE(error_of(get("/broken")).starts_with(get("/broken").url.insert(0, "GET ") + ": the body is not JSON: "));
}

TEST_F(HttpTest, SendsMethodHeadersAndBody) {
  struct {
    const char* method;
    Value body;
    std::map<std::string, std::string> headers;
    std::vector<std::string> in;
    std::vector<std::string> not_in;
  } const cases[] = {
      {"POST",
       {{"a", 1}},
       {},
       {"POST /json ", "\r\nContent-Type: application/json\r\n", "\r\nContent-Length: 7\r\n", "\r\n\r\n{\"a\":1}"},
       {"Expect"}},
      {"POST",
       "a=1",
       {{"content-type", "x/y"}, {"X-Empty", ""}},
       {"content-type: x/y\r\n", "X-Empty:\r\n", "\r\n\r\na=1"},
       {"Content-Type:"}},
      {"PUT", "text", {}, {"PUT /json ", "\r\n\r\ntext"}, {"Content-Type"}},
      {"POST", Value(), {}, {"POST /json ", "\r\nContent-Length: 0\r\n"}, {"Content-Type"}},
      {"DELETE",
       Value(),
       {{"Authorization", "Bearer x"}},
       {"DELETE /json ", "\r\nAuthorization: Bearer x\r\n"},
       {"Content-"}},
      {"GET", Value::array({1}), {}, {"GET /json ", "\r\n\r\n[1]"}, {}},
      {"HEAD", Value(), {}, {"HEAD /json "}, {}},
  };
  for (const auto& one : cases) {
    HttpAction action = get("/json");
    action.method = one.method;
    action.body = one.body;
    action.headers = one.headers;
    const auto result = perform(action);
    ASSERT_TRUE(result) << one.method << ": " << result.error().message;
    const std::string request = server_.requests().back();
    for (const std::string& part : one.in)
      EXPECT_NE(request.find(part), std::string::npos) << part << " in " << request;
    for (const std::string& part : one.not_in)
      EXPECT_EQ(request.find(part), std::string::npos) << part << " in " << request;
  }
}

TEST_F(HttpTest, AnotherStatusThanExpectedFailsWithTheBeginningOfTheBody) {
  EXPECT_EQ(error_of(get("/x")), "GET " + server_.url("/x") +
                                     ": status 404, expected 200 to 299: nothing here: " + std::string(186, '.') + "…");
  HttpAction action = get("/x");
  action.expect = {404};
  EXPECT_EQ((*perform(action))["status"], 404);
  action = get("/created");
  action.expect = {200, 204};
  EXPECT_EQ(error_of(action), "GET " + server_.url("/created") + ": status 201, expected 200, 204");
  EXPECT_TRUE(error_of(get("/large-error"))
                  .starts_with("GET " + server_.url("/large-error") + ": status 500, expected 200 to 299: xxx"));
}

TEST_F(HttpTest, PasswordsStayOutOfMessages) {
  HttpAction action = get("/x");
  action.url = server_.url("/x", "me:secret@");
  EXPECT_TRUE(error_of(action).starts_with("GET " + server_.url("/x") + ": status 404"));
  EXPECT_NE(server_.requests().at(0).find("Authorization: Basic bWU6c2VjcmV0"), std::string::npos);
}

TEST_F(HttpTest, RedirectsAreFollowedSoFarAndToHttpAlone) {
  const Value there = *perform(get("/hop"));
  EXPECT_EQ(there["body"]["count"], 3);
  EXPECT_FALSE(there["headers"].contains("x-hop"));
  EXPECT_EQ(error_of(get("/loop")), "GET " + server_.url("/loop") + ": Maximum (10) redirects followed");
  EXPECT_EQ(server_.requests().size(), 2U + 11U);
  const std::string file = error_of(get("/file"));
  EXPECT_TRUE(file.find("rotocol \"file\"") != std::string::npos) << file;

  HttpAction action = get("/hop");
  action.method = "POST";
  EXPECT_EQ(error_of(action),
            "POST " + server_.url("/hop") +
                ": status 302, expected 200 to 299; redirects are followed by GET and HEAD alone: gone there");
  action = get("/hop");
  action.expect = {302};
  EXPECT_EQ((*perform(action))["headers"]["location"], "/json");
}

TEST_F(HttpTest, WhatIsTooLargeFails) {
  for (const char* path : {"/large", "/controls"})
    EXPECT_EQ(error_of(get(path)), fmt::format("GET {}: the response is larger than 1048576 bytes", server_.url(path)));
  // Some versions of curl bound headers themselves, and lower.
  const std::string endless = error_of(get("/endless"));
  EXPECT_NE(endless.find("large"), std::string::npos) << endless;
}

TEST_F(HttpTest, RefusedBeforeAnythingIsSent) {
  const auto with = [this](const std::string& method, const std::string& url, const std::string& header,
                           const std::string& value) {
    HttpAction action = get("/json");
    if (!url.empty()) action.url = url;
    action.method = method;
    if (!header.empty()) action.headers[header] = value;
    return error_of(action);
  };
  EXPECT_EQ(with("GET", "", "X-Name", "a\r\nX-Other: b"), "the header X-Name holds a line break or a NUL");
  EXPECT_EQ(with("GET", "", "X-Name", "a\nb"), "the header X-Name holds a line break or a NUL");
  EXPECT_EQ(with("GET", "", "X: a\nY", "b"), "'X: a Y' is not the name of a header");
  EXPECT_EQ(with("POST", "", "content-LENGTH", "3"),
            "the header content-LENGTH is made from the body; it cannot be given");
  EXPECT_EQ(with("GET /x HTTP/1.1\r\nA:", "", "", ""), "'GET /x HTTP/1.1  A:' is not a method");
  EXPECT_EQ(with("GET", "file:///etc/passwd", "", ""),
            "'file:///etc/passwd' is of the scheme file; http and https can be asked");
  EXPECT_TRUE(with("GET", "127.0.0.1/x", "", "").starts_with("'127.0.0.1/x' is not a URL: "));
  EXPECT_TRUE(with("GET", server_.url("/a\nb"), "", "").find("is not a URL") != std::string::npos);
  EXPECT_EQ(server_.requests().size(), 0U);
}

TEST_F(HttpTest, WhatIsStoppedIsClosedAndNotHeardOf) {
  start("1.1.0.1", get("/slow"));
  until([this] { return !server_.requests().empty(); });
  runner_->stop("1.1.0.1");
  until([this] { return server_.gone() == 1; });
  start("2.1.0.1", get("/x\ny"));  // its end is owed, later
  runner_->stop("2.1.0.1");
  runner_->stop("3.1.0.1");  // nobody knows it
  EXPECT_TRUE(perform(get("/json")));
  EXPECT_EQ(ended_.size(), 1U);
}

TEST_F(HttpTest, ANameThatIsBeingLookedUpHoldsNothing) {
  HttpAction slow;
  slow.url = "http://slow.invalid/";
  start("1.1.0.1", slow);
  until([] { return slow_name_asked.load(); });
  EXPECT_TRUE(perform(get("/json")));
  runner_->stop("1.1.0.1");  // would hang, if it waited
  slow_name_known = true;
  slow_name_known.notify_all();
  EXPECT_TRUE(perform(get("/json")));
  EXPECT_EQ(ended_.size(), 2U);
}

TEST_F(HttpTest, ManyAtOnce) {
  for (int i = 0; i < 20; ++i) start(fmt::format("{}.1.0.7", i), get("/json"));
  until([this] { return ended_.size() == 20; });
  for (const auto& [token, result] : ended_) EXPECT_TRUE(result) << result.error().message;
}

TEST_F(HttpTest, ARefusedConnectionIsToldInCurlsWords) {
  server_.stop();
  const std::string error = error_of(get("/json"));
  EXPECT_TRUE(error.starts_with("GET " + server_.url("/json") + ": Failed to connect to 127.0.0.1 port ")) << error;
  HttpAction action;
  action.url = "http://nowhere.invalid/";
  EXPECT_EQ(error_of(action), "GET http://nowhere.invalid/: Could not resolve host: nowhere.invalid");
}

TEST_F(HttpTest, TheProxyOfTheEnvironmentHolds) {
  ::setenv("http_proxy", server_.url("").c_str(), 1);
  HttpAction action;
  action.url = "http://nowhere.invalid/json";
  EXPECT_TRUE(error_of(action).starts_with("GET http://nowhere.invalid/json: status 404"));
  EXPECT_TRUE(server_.requests().at(0).starts_with("GET http://nowhere.invalid/json HTTP/1.1\r\n"));
}

constexpr const char* self_signed = R"(/usr/bin/python3 -c '
import http.server, ssl, subprocess, tempfile
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/key",
                    "-out", folder + "/certificate"], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + "/certificate", folder + "/key")
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.timeout = 10
print(server.server_port, flush=True)
server.handle_request()' 2>&1)";

TEST_F(HttpTest, ACertificateThatNobodyVouchesForIsRefused) {
  FILE* server = ::popen(self_signed, "re");
  int port = 0;
  ASSERT_EQ(std::fscanf(server, "%d", &port), 1);
  HttpAction action;
  action.url = fmt::format("https://127.0.0.1:{}/", port);
  const std::string error = error_of(action);
  EXPECT_TRUE(error.starts_with("GET " + action.url + ": ")) << error;
  EXPECT_NE(error.find("certificate"), std::string::npos) << error;
  EXPECT_EQ(::pclose(server), 0);
}

TEST(ActionText, TheBeginningIsOneLineCutBetweenCharacters) {
  EXPECT_EQ(beginning("short", 5), "short");
  EXPECT_EQ(beginning("a\r\nb\tc", 10), "a  b c");
  EXPECT_EQ(beginning("caf\xc3\xa9s", 4), "caf…");
  EXPECT_EQ(beginning("caf\xc3\xa9s", 5), "café…");
  EXPECT_EQ(beginning("\xff", 5), "\xef\xbf\xbd");
}

}  // namespace
}  // namespace takt
