"""The real taktd and takt-runner on a private bus in a temporary folder.

Tests wait for the thing itself: readiness by sd_notify(3), events by D-Bus signals, children by FIFOs and pidfds. Each
wait has a deadline; nothing sleeps.
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from gi.repository import Gio, GLib

BUILD = os.environ["TAKT_BUILD_DIR"]
SOURCE = os.environ["TAKT_SOURCE_DIR"]
DEADLINE = 180  # seconds; generous, for sanitizers on a busy machine

NAME = "org.taktd.Takt1"
PATH = "/org/taktd/Takt1"
MANAGER = NAME + ".Manager"

PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def wait_gone(pid, deadline=DEADLINE):
    """Waits until a process that need not be a child of ours has ended."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not select.select([fd], [], [], deadline)[0]:
            raise AssertionError(f"process {pid} is still there")
    finally:
        os.close(fd)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(condition, what, deadline=DEADLINE):
    """For what offers no event to wait for (the state of a frozen child in /proc)."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")
        select.select([], [], [], 0.01)


class Bus:
    """A dbus-daemon of the test's own, with the rules of a session or those of a file."""

    def __init__(self, rules="--session"):
        self.process = subprocess.Popen(
            ["dbus-daemon", rules, "--print-address", "--nofork", "--nosyslog"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().strip()

    def close(self):
        self.process.terminate()  # not kill: its socket would stay in /tmp
        self.process.wait(DEADLINE)
        self.process.stdout.close()


class Client:
    """One connection to the bus: calls, and every signal of the daemon in the order it came."""

    def __init__(self, address):
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        self.signals = []
        self.connection.signal_subscribe(NAME, None, None, None, None, Gio.DBusSignalFlags.NONE, self._signal)
        # The match rule is sent without waiting; once the bus answers this, it has it.
        self.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId", None,
                                  None, Gio.DBusCallFlags.NONE, DEADLINE * 1000, None)

    def _signal(self, _connection, _sender, path, interface, member, parameters):
        self.signals.append((member, parameters.unpack(), path))

    def call(self, method, signature="()", *arguments, path=PATH, interface=MANAGER):
        reply = self.connection.call_sync(NAME, path, interface, method, GLib.Variant(signature, arguments), None,
                                          Gio.DBusCallFlags.NONE, DEADLINE * 1000, None)
        return reply.unpack()

    def start(self, process, **inputs):
        values = {name: _variant(value) for name, value in inputs.items()}
        return self.call("StartProcess", "(sa{sv}a{sv})", process, values, {})[0]

    def wait(self, execution):
        outcome, result = self.call("WaitExecution", "(t)", execution)
        return outcome, json.loads(result) if result else None

    def describe(self, execution):
        return self.call("DescribeExecution", "(t)", execution)[0]

    def control(self, verb, execution, **options):
        self.call(verb + "Execution", "(ta{sv})", execution, {k: _variant(v) for k, v in options.items()})

    def subscribe(self):
        self.call("Subscribe")

    def executions(self, **filters):
        page, _ = self.call("ListExecutions", "(a{sv}su)", {k: _variant(v) for k, v in filters.items()}, "", 1000)
        return page

    def until_signal(self, member, condition=lambda *arguments: True, deadline=DEADLINE):
        """The first signal of that name that fits, from the ones that came and come; its arguments."""
        end = time.monotonic() + deadline
        seen = 0
        context = GLib.MainContext.default()
        wake = GLib.timeout_add(100, lambda: True)
        try:
            while True:
                for name, arguments, _ in self.signals[seen:]:
                    seen += 1
                    if name == member and condition(*arguments):
                        return arguments
                if time.monotonic() > end:
                    raise AssertionError(f"no {member} came; there came: {self.signals}")
                context.iteration(True)
        finally:
            GLib.source_remove(wake)

    def close(self):
        self.connection.close_sync(None)


def _variant(value):
    if isinstance(value, GLib.Variant):
        return value
    if isinstance(value, bool):
        return GLib.Variant("b", value)
    if isinstance(value, int):
        return GLib.Variant("x", value)
    if isinstance(value, float):
        return GLib.Variant("d", value)
    if isinstance(value, list):
        return GLib.Variant("as", value)
    return GLib.Variant("s", value)


class Daemon:
    """taktd with its folders, the system's unless kind is "--user"; takt-runner is started by taktd, or here when it is to
    have options of its own."""

    def __init__(self, folder, bus, environment=None, runner_options=None):
        self.folder = folder
        self.bus = bus
        self.environment = environment or {}
        self.kind = "--system"
        self.processes = os.path.join(folder, "processes")
        self.state = os.path.join(folder, "state")
        self.runner_socket = os.path.join(folder, "runner.sock")
        os.makedirs(self.processes, exist_ok=True)
        self.config = os.path.join(folder, "taktd.toml")
        if not os.path.exists(self.config):
            open(self.config, "w").close()
        self.process = None
        self.runner = None
        self.log = os.path.join(folder, "taktd.log")
        if runner_options is not None:
            self.start_runner(runner_options)

    def start_runner(self, options):
        log = open(os.path.join(self.folder, "runner.log"), "a")
        with notify_socket(self.folder) as (notify, path):
            self.runner = subprocess.Popen(
                [os.path.join(BUILD, "takt-runner"), "--socket", self.runner_socket, "--state",
                 os.path.join(self.folder, "runner")] + options,
                env=dict(os.environ, NOTIFY_SOCKET=path), stdout=log, stderr=log)
            wait_ready(notify, self.runner)
        log.close()

    def command(self):
        return [os.path.join(BUILD, "taktd"), self.kind, "--bus", self.bus.address, "--state", self.state, "--config",
                self.config, "--processes", self.processes, "--runner-socket", self.runner_socket, "--runner",
                os.path.join(BUILD, "takt-runner")]

    def start(self, wait=True):
        log = open(self.log, "a")
        with notify_socket(self.folder) as (notify, path):
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log,
                                            env=dict(os.environ, NOTIFY_SOCKET=path, **self.environment))
            if wait:
                wait_ready(notify, self.process, self.log)
        log.close()
        return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE)

    def define(self, name, text):
        """Writes a definition as an editor does: whole, or not at all."""
        path = os.path.join(self.processes, name + ".toml")
        with open(path + ".new", "w") as file:
            file.write(text)
        os.chmod(path + ".new", 0o644)
        os.rename(path + ".new", path)

    def log_text(self):
        with open(self.log) as file:
            return file.read()

    def memory(self):
        """Resident bytes of taktd."""
        with open(f"/proc/{self.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        if self.runner and self.runner.poll() is None:  # told to end, it removes its cgroups
            self.runner.terminate()
            self.runner.wait(DEADLINE)


@contextlib.contextmanager
def notify_socket(folder):
    path = os.path.join(folder, "notify.sock")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notify:
        notify.bind(path)
        yield notify, path


def wait_ready(notify, process, log=None):
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if select.select([notify], [], [], 0.1)[0] and b"READY=1" in notify.recv(4096):
            return
        if process.poll() is not None:
            break
    text = ""
    if log:
        with open(log) as file:
            text = file.read()
    raise AssertionError(f"it did not get ready (exit {process.poll()}):\n{text}")


def descendants(pid):
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{entry}/stat") as stat:
                if int(stat.read().rsplit(")", 1)[1].split()[1]) == pid:
                    found.append(int(entry))
                    found.extend(descendants(int(entry)))
    return found


class TestCase(unittest.TestCase):
    """A folder, a bus, and the means to start daemons on them. Whatever is left is an error of the test's."""

    runner_options = None  # None: taktd starts the runner itself

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="takt-")
        os.chmod(self.folder, 0o755)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.bus = self.new_bus()
        self.addCleanup(self.bus.close)
        self.daemon = Daemon(self.folder, self.bus, self.environment(), self.runner_options)
        self.addCleanup(self.sweep)
        self.addCleanup(self.daemon.close)

    def environment(self):
        return {}

    def new_bus(self):
        return Bus()

    def sweep(self):
        """The runner outlives taktd: it was left to us (we are the subreaper), and goes with its test."""
        for pid in descendants(os.getpid()):
            if pid == self.bus.process.pid:
                continue
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def run(self, result=None):
        failures = len(result.failures) + len(result.errors) if result else 0
        super().run(result)
        if result and len(result.failures) + len(result.errors) > failures and getattr(self, "last_log", None):
            print(f"---- log of {self.id()}\n{self.last_log}")

    def tearDown(self):
        self.last_log = self.daemon.log_text() if os.path.exists(self.daemon.log) else ""

    def client(self):
        client = Client(self.bus.address)
        self.addCleanup(client.close)
        return client

    def path(self, name):
        return os.path.join(self.folder, name)

    def fifo(self, name):
        """A FIFO for a child to say that it is there, or to be told to go on."""
        os.mkfifo(self.path(name), 0o666)
        return self.path(name)

    def read_fifo(self, path):
        """What a child writes; waits for it."""
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            text = b""
            poll = select.poll()
            poll.register(fd, select.POLLIN)
            while not text.endswith(b"\n"):
                if not poll.poll(DEADLINE * 1000):
                    raise AssertionError(f"nobody wrote to {path}")
                with contextlib.suppress(BlockingIOError):
                    text += os.read(fd, 4096)
            return text.decode().strip()
        finally:
            os.close(fd)

    def tell_fifo(self, path, text="go\n"):
        """Lets a child that reads from it go on; waits until it reads."""
        def opened():
            with contextlib.suppress(OSError):
                return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        fd = until(opened, f"a reader of {path}")
        os.write(fd, text.encode())
        os.close(fd)

    def taktctl(self, *arguments, status=0, input=None):
        done = subprocess.run([os.path.join(BUILD, "taktctl"), "--bus", self.bus.address, *arguments], text=True,
                              capture_output=True, timeout=DEADLINE, input=input, env=dict(os.environ, NO_COLOR="1"))
        if status is not None:
            self.assertEqual(done.returncode, status, f"taktctl {arguments}:\n{done.stdout}\n{done.stderr}")
        return done

    def taktctl_json(self, *arguments):
        return json.loads(self.taktctl("--json=short", *arguments).stdout)
