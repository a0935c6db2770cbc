"""A booted systemd to test on: a container over a root file system that it leaves as it was."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from booted import PATIENCE, Booted


class Machine(Booted):
    """Owns one container and the cgroup it runs in; shut_down() ends both. Its file system is an overlay in memory."""

    def __init__(self, rootfs):
        self.name = f"takt-{os.getpid()}"
        # systemd-nspawn with --keep-unit takes the cgroup it stands in, so each container needs one of its own.
        unified = subprocess.run(["findmnt", "--noheadings", "--first-only", "--output", "TARGET", "--types", "cgroup2"],
                                 check=True, capture_output=True, text=True).stdout.strip()
        self.cgroup = Path(unified) / self.name
        self.cgroup.mkdir()
        self.folder = tempfile.TemporaryDirectory()
        self.console = open(Path(self.folder.name) / "console", "w+")
        self.leader = None
        self.nspawn = None
        try:
            self._boot(rootfs)
        except BaseException:
            self.shut_down()
            raise

    def _boot(self, rootfs):
        notify = Path(self.folder.name) / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(notify))
            self.nspawn = subprocess.Popen(
                ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', self.cgroup,
                 "setpriv", "--pdeathsig", "KILL",
                 "systemd-nspawn", "--quiet", "--directory", rootfs, "--volatile=overlay", "--boot", "--register=no", "--keep-unit",
                 "--machine", self.name, "--notify-ready=yes", "--console=pipe"],
                env={**os.environ, "NOTIFY_SOCKET": str(notify), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
                stdin=subprocess.DEVNULL, stdout=self.console, stderr=self.console)
            ended = os.pidfd_open(self.nspawn.pid)
            ready = False
            while not (ready and self.leader):
                heard = select.select([listener, ended], [], [], PATIENCE)[0]
                if listener not in heard:
                    self.console.seek(0)
                    raise AssertionError(f"the machine did not boot:\n{self.console.read()}")
                told = listener.recv(4096).decode()
                ready = ready or "READY=1" in told.splitlines()
                leader = re.search(r"^X_NSPAWN_LEADER_PID=(\d+)$", told, re.M)
                self.leader = int(leader[1]) if leader else self.leader
            os.close(ended)

    def shut_down(self):
        # The container's init takes all of the container with it.
        if self.leader:
            os.kill(self.leader, signal.SIGKILL)
        elif self.nspawn:
            self.nspawn.kill()
        if self.nspawn:
            self.nspawn.wait(PATIENCE)
        self.console.close()
        for folder, _, _ in os.walk(self.cgroup, topdown=False):
            os.rmdir(folder)
        self.folder.cleanup()

    def path(self, inside):
        """A path of the container, seen from here."""
        return Path(f"/proc/{self.leader}/root") / inside.lstrip("/")

    def run(self, *command, check=True, timeout=PATIENCE):
        done = subprocess.run(["nsenter", "--target", str(self.leader), "--all", "--wd=/", *command], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=timeout, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"})
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def write(self, path, text):
        self.path(path).parent.mkdir(parents=True, exist_ok=True)
        self.path(path).write_text(text)

    def install(self, package):
        self.write("/var/tmp/takt.deb", "")
        self.path("/var/tmp/takt.deb").write_bytes(package.read_bytes())
        return self.run("dpkg", "--install", "/var/tmp/takt.deb")


class Gate:
    """Where a step of the container meets the test, without either waiting for a clock: the step runs
    `echo $$ > GATE.in`, which lasts until arrived(), then `read answer < GATE.out`, which lasts until open()."""

    def __init__(self, machine, path):
        self.machine, self.name = machine, path
        for end in ("in", "out"):
            os.mkfifo(machine.path(f"{path}.{end}"))
            machine.path(f"{path}.{end}").chmod(0o666)  # whoever the step runs as

    def script(self):
        return f"echo $$ > {self.name}.in; read answer < {self.name}.out"

    def arrived(self):
        """The pid of the step's shell, as the container counts."""
        # Opened without waiting for the other side, so that a step which never comes is noticed.
        reader = os.open(self.machine.path(f"{self.name}.in"), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not select.select([reader], [], [], PATIENCE)[0]:
                raise AssertionError(f"no step came to {self.name}")
            return int(os.read(reader, 100))
        finally:
            os.close(reader)

    def open(self, answer="go"):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:  # ENXIO until the step has opened its end, which it does right after arrived()
                writer = os.open(self.machine.path(f"{self.name}.out"), os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise AssertionError(f"no step waits at {self.name}") from None
                os.sched_yield()
        os.write(writer, f"{answer}\n".encode())
        os.close(writer)


class OnMachine(unittest.TestCase):
    """Tests that share one booted machine with the package installed."""

    @classmethod
    def setUpClass(cls):
        folder = Path(os.environ["TAKT_SYSTEM_DIR"])
        cls.package = next(folder.glob("takt_*.deb"))
        cls.machine = Machine(folder / "rootfs")
        cls.addClassCleanup(cls.machine.shut_down)
        cls.machine.install(cls.package)

    def gate(self):
        return Gate(self.machine, f"/run/{self.id().rsplit('.', 1)[-1]}")

    def until(self, condition):
        """A condition of the shell's; the bus does not tell when it comes to hold."""
        self.machine.run("timeout", str(PATIENCE), "sh", "-c", f"until {condition}; do sleep 0.1; done", timeout=2 * PATIENCE)


def main():
    if os.geteuid() != 0:
        print("A container needs root: skipped")
        sys.exit(77)
    unittest.main()
