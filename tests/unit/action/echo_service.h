// A service on a private bus that sends back what it gets.
#pragma once

#include <gtest/gtest.h>
#include <systemd/sd-bus.h>

#include <cstring>
#include <future>
#include <string>
#include <thread>

#include "support/bus_daemon.h"

namespace takt {

// org.example.Echo, at any path and interface: Echo answers with its arguments, Type with the signature of what its one
// variant holds, Fail with an error, Silent never, NotANumber and Descriptor with what JSON has not. It ends when the
// bus does.
class EchoService {
 public:
  explicit EchoService(const std::string& address) {
    std::promise<int> named;
    thread_ = std::thread([&named, address] { serve(address, named); });
    const int r = named.get_future().get();
    EXPECT_GE(r, 0) << std::strerror(-r);
  }
  ~EchoService() { thread_.join(); }

 private:
  static void serve(const std::string& address, std::promise<int>& named) {
    sd_bus* bus = nullptr;
    int r = sd_bus_new(&bus);
    if (r >= 0) r = sd_bus_set_address(bus, address.c_str());
    if (r >= 0) r = sd_bus_set_bus_client(bus, 1);
    if (r >= 0) r = sd_bus_negotiate_fds(bus, 1);
    if (r >= 0) r = sd_bus_start(bus);
    if (r >= 0) r = sd_bus_add_fallback(bus, nullptr, "/", &EchoService::answer, nullptr);
    if (r >= 0) r = sd_bus_request_name(bus, "org.example.Echo", 0);
    named.set_value(r);
    while (r >= 0)
      if ((r = sd_bus_process(bus, nullptr)) == 0) r = sd_bus_wait(bus, UINT64_MAX);
    sd_bus_close_unref(bus);
  }

  static int answer(sd_bus_message* call, void*, sd_bus_error*) {
    const std::string member = sd_bus_message_get_member(call);
    if (member == "Silent") return 1;
    if (member == "Fail") return sd_bus_reply_method_errorf(call, "org.example.Error.Wrong", "it went wrong");
    if (member == "NotANumber") return sd_bus_reply_method_return(call, "d", __builtin_nan(""));
    if (member == "Descriptor") return sd_bus_reply_method_return(call, "h", 0);
    if (member == "Type") {
      const char* contents = nullptr;
      char type = 0;
      if (const int r = sd_bus_message_peek_type(call, &type, &contents); r < 0) return r;
      return sd_bus_reply_method_return(call, "s", contents);
    }
    sd_bus_message* reply = nullptr;
    int r = sd_bus_message_new_method_return(call, &reply);
    if (r >= 0) r = sd_bus_message_copy(reply, call, 1);
    if (r >= 0) r = sd_bus_send(nullptr, reply, nullptr);
    sd_bus_message_unref(reply);
    return r;
  }

  std::thread thread_;
};

}  // namespace takt
