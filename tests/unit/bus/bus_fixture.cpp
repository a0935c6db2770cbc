#include "bus_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/names.h"
#include "support/patience.h"

namespace takt {

namespace {

// What a system bus allows (/usr/share/dbus-1/system.conf), with the daemon's own policy. A name that policy gives to
// root alone cannot be had by tests that run as somebody else, so they get a rule of their own.
constexpr const char* elements = R"(
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <include>{}/dbus/org.taktd.Takt1.conf</include>
  {}
)";
constexpr const char* own_rule = R"(<policy context="mandatory"><allow own="org.taktd.Takt1"/></policy>)";

// Complete before the fork: other threads may hold the allocator's locks, and in the child nobody would release them.
class CommandLineOf {
 public:
  explicit CommandLineOf(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
    for (std::string& argument : arguments_) argv_.push_back(argument.data());
    argv_.push_back(nullptr);
  }
  [[noreturn]] void exec() {
    ::execvp(argv_[0], argv_.data());
    ::_exit(127);
  }

 private:
  std::vector<std::string> arguments_;
  std::vector<char*> argv_;
};

std::string read_all(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t count; (count = ::read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(count));
  return text;
}

}  // namespace

// ---- Client

Client::Client(const std::string& address)
    : connection_(sdbus::createSessionBusConnectionWithAddress(address)), manager_(object(names::bus_path)) {}

Client::~Client() {
  matches_.clear();
}

std::unique_ptr<sdbus::IProxy> Client::object(const std::string& path) {
  return sdbus::createProxy(*connection_, names::bus_name, path);
}

void Client::listen() {
  matches_.push_back(connection_->addMatch("type='signal',sender='org.taktd.Takt1'", [this](sdbus::Message& message) {
    std::string line = message.getMemberName();
    if (line == "PropertiesChanged" || line.starts_with("Interfaces")) line += " " + message.getPath();
    for (std::string type, contents;;) {
      message.peekType(type, contents);
      if (type == "s" || type == "o") {
        const auto text = [&message, &type] {
          std::string s;
          sdbus::ObjectPath o;
          if (type == "s")
            message >> s;
          else
            message >> o;
          return type == "s" ? s : std::string(o);
        }();
        line += " " + text;
      } else if (type == "t") {
        std::uint64_t number = 0;
        message >> number;
        line += fmt::format(" {}", number);
      } else if (type == "u") {
        std::uint32_t number = 0;
        message >> number;
        line += fmt::format(" {}", number);
      } else if (type == "d") {
        double number = 0;
        message >> number;
        line += fmt::format(" {}", number);
      } else if (type == "a" && contents == "{sv}") {
        std::map<std::string, sdbus::Variant> changed;
        message >> changed;
        for (const auto& [name, value] : changed) line += " " + name;
      } else {
        break;
      }
    }
    heard.push_back(line);
  }));
}

void Client::until(const std::function<bool()>& so) {
  const auto deadline = std::chrono::steady_clock::now() + test::patience;
  while (!so()) {
    if (connection_->processPendingRequest()) continue;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      ADD_FAILURE() << "waited in vain; heard:\n" << testing::PrintToString(heard);
      return;
    }
    const auto poll = connection_->getEventLoopPollData();
    pollfd one{poll.fd, poll.events, 0};
    ::poll(&one, 1, static_cast<int>(left.count()));
  }
}

void Client::until_heard(const std::string& line) {
  until([&] { return std::find(heard.begin(), heard.end(), line) != heard.end(); });
}

// ---- BusTest

BusTest::BusTest()
    : bus_daemon_(fmt::format(fmt::runtime(elements), TAKT_SOURCE_DIR, ::getuid() == 0 ? "" : own_rule)) {
  control_.add_process("nightly");
  control_.add_process("a-b");
  loop_ = std::move(*Loop::create());
  auto bus = Bus::create(*loop_, {BusAddress::Kind::address, bus_daemon_.address()}, "0.1.0", log_);
  if (!bus) throw std::runtime_error(bus.error().message);
  bus_ = std::move(*bus);
  const Status served = bus_->serve(
      control_, [this](const Status& state) { states_.push_back(state ? "named" : state.error().message); });
  if (!served) throw std::runtime_error(served.error().message);
  thread_ = std::thread([this] { EXPECT_TRUE(loop_->run()); });
  until_in_service([this] { return !states_.empty(); });
}

BusTest::~BusTest() {
  loop_->post([this] { loop_->stop(); });
  thread_.join();
  bus_.reset();
}

void BusTest::in_service(const std::function<void()>& work) {
  std::promise<void> done;
  loop_->post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void BusTest::until_in_service(const std::function<bool()>& so) {
  const auto deadline = std::chrono::steady_clock::now() + test::patience;
  bool is_so = false;
  while (!is_so && std::chrono::steady_clock::now() < deadline) in_service([&] { is_so = so(); });
  EXPECT_TRUE(is_so) << "waited in vain";
}

void BusTest::announce_in_one_turn(const std::vector<Announcement>& announcements) {
  in_service([&] {
    for (const Announcement& announcement : announcements) bus_->announce(announcement);
  });
}

std::string BusTest::busctl_as_nobody(const std::vector<std::string>& arguments) {
  int out[2];
  EXPECT_EQ(::pipe2(out, O_CLOEXEC), 0);
  std::vector<std::string> all{"busctl", "--address=" + bus_daemon_.address()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  CommandLineOf busctl(std::move(all));
  const pid_t pid = ::fork();
  if (pid == 0) {
    constexpr uid_t nobody = 65534;
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(out[1], STDERR_FILENO);
    if (::setresgid(nobody, nobody, nobody) != 0 || ::setresuid(nobody, nobody, nobody) != 0) ::_exit(126);
    busctl.exec();
  }
  ::close(out[1]);
  std::string text = read_all(out[0]);
  ::close(out[0]);
  ::waitpid(pid, nullptr, 0);
  return text;
}

std::string error_name(const std::function<void()>& call) {
  try {
    call();
  } catch (const sdbus::Error& error) {
    return error.getName();
  }
  return "";
}

}  // namespace takt
