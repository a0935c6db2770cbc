"""A whole machine to test on: a kernel of its own, a clock that may be set, and power that may be cut."""

import base64
import os
import shlex
import socket
import subprocess
import tempfile
from pathlib import Path

from booted import Booted

PATIENCE = 300  # seconds of the host's, whose load makes the machine slow; its own clock stands still meanwhile
START = "2031-03-10T00:00:00"  # what its clock says when it is switched on

# Instructions, not the host's time, move its clock (250 million a second; idle, it goes with the host's). So a second of
# the machine's is the same work on a host that has much else to do.
CLOCK = ["-icount", "shift=2", "-rtc", f"base={START},clock=vm"]


class VirtualMachine(Booted):
    """Owns one qemu; shut_down() ends it. What it writes to its disk is gone with it."""

    def __init__(self, folder):
        self.console = tempfile.NamedTemporaryFile()
        self.host, port = socket.socketpair()
        self.host.settimeout(PATIENCE)
        self.lines = self.host.makefile("rb")
        kernel, initrd = (next(folder.glob(f"rootfs/boot/{name}-*")) for name in ("vmlinuz", "initrd.img"))
        with port:
            self.qemu = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL",
                 "qemu-system-x86_64", "-accel", "tcg", *CLOCK, "-m", "512", "-cpu", "qemu64,+rdrand,-svm",
                 "-nodefaults", "-no-user-config", "-display", "none", "-serial", f"file:{self.console.name}",
                 "-kernel", kernel, "-initrd", initrd, "-append", "root=/dev/vda rw console=ttyS0 mitigations=off",
                 "-drive", f"file={folder}/vm.img,format=raw,if=virtio,snapshot=on",
                 "-chardev", f"socket,id=port,fd={port.fileno()}",
                 "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=port,name=takt"],
                pass_fds=[port.fileno()], stdin=subprocess.DEVNULL)
        try:
            self.booted()
        except BaseException:
            self.shut_down()
            raise

    def booted(self):
        """Waits until the machine is up, also after its power was cut."""
        if self._line() != "ready":
            raise AssertionError("the machine spoke before it was ready")
        self.run("systemctl", "is-system-running", "--wait")

    def _line(self):
        try:
            line = self.lines.readline()
        except TimeoutError:
            line = b""
        if not line:
            raise AssertionError(f"the machine does not answer:\n{Path(self.console.name).read_text(errors='replace')}")
        return line.decode().rstrip("\n")

    def shut_down(self):
        self.qemu.kill()
        self.qemu.wait()
        self.lines.close()
        self.host.close()
        self.console.close()

    def tell(self, script):
        """Has a script run there, and leaves its answer to come."""
        self.host.sendall(base64.b64encode(script.encode()) + b"\n")

    def run(self, *command, check=True, timeout=None):
        """As Booted has it; a time-out of the caller's does not count here, where the host's load makes all slow."""
        self.tell(shlex.join(map(str, command)))
        status = int(self._line())
        output, errors = (base64.b64decode(self._line()).decode() for _ in range(2))
        done = subprocess.CompletedProcess(command, status, output, errors)
        if check and status != 0:
            raise AssertionError(f"{shlex.join(map(str, command))}: exit status {status}\n{output}{errors}")
        return done

    def write(self, path, text):
        self.run("sh", "-c", 'mkdir -p "$(dirname "$0")" && printf %s "$1" > "$0"', path, text)
