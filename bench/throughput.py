#!/usr/bin/python3
"""Executions of /bin/true through the whole of taktd (D-Bus call, commits with FULL durability, runner) against a bare
spawn-and-reap loop in the same run, as a ratio, for several numbers that run at a time.

usage: bench/throughput.py BUILD_FOLDER [COUNT]
"""

import os
import subprocess
import sys
import tempfile
import time

os.environ["TAKT_BUILD_DIR"] = build = os.path.abspath(sys.argv[1])
os.environ["TAKT_SOURCE_DIR"] = source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(source, "tests/integration"))
import harness  # noqa: E402  (it reads the environment set above)

count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
DEFINITION = 'overlap = "allow"\nmax_instances = {}\n[[step]]\nname = "s"\nrun = ["/bin/true"]\n'


def through_taktd(running):
    with tempfile.TemporaryDirectory() as folder:
        bus = harness.Bus()
        daemon = harness.Daemon(folder, bus, {"TAKT_MAX_CONCURRENT": str(running), "TAKT_MAX_QUEUED": str(count + 1)},
                                ["--cgroup=no"])
        try:
            for i in range(4):  # a queue of one process is bounded
                daemon.define(f"true{i}", DEFINITION.format(running))
            daemon.start()
            client = harness.Client(bus.address)
            begin = time.monotonic()
            arguments = [harness.GLib.Variant("(sa{sv}a{sv})", (f"true{i}", {}, {})) for i in range(4)]
            for i in range(count):
                client.connection.call(harness.NAME, harness.PATH, harness.MANAGER, "StartProcess", arguments[i % 4], None,
                                       harness.Gio.DBusCallFlags.NONE, -1, None, None)
            done = 0
            context = harness.GLib.MainContext.default()
            while done < count:
                context.iteration(True)
                done += sum(1 for name, _, _ in client.signals if name == "ExecutionFinished")
                client.signals.clear()
            return count / (time.monotonic() - begin)
        finally:
            daemon.close()
            bus.close()


print(f"{count} executions of /bin/true; per second")
print(f"{'running':>8} {'floor':>8} {'taktd':>8} {'ratio':>6}")
for running in (2, 8, 32):
    floor = float(subprocess.run([os.path.join(build, "bench/bench_floor"), str(count), str(running)], check=True,
                                 capture_output=True, text=True).stdout)
    taktd = through_taktd(running)
    print(f"{running:>8} {floor:>8.0f} {taktd:>8.0f} {taktd / floor:>6.2f}")
