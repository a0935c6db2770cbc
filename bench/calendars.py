#!/usr/bin/python3
"""100,000 calendars in one taktd, as 10,000 definitions of ten, against a taktd with one such definition in the same run:
memory for each calendar, what nothing due costs, and what it costs to change one definition and to read all again.

usage: bench/calendars.py BUILD_FOLDER [DEFINITIONS]
"""

import os
import sys
import tempfile
import time

os.environ["TAKT_BUILD_DIR"] = build = os.path.abspath(sys.argv[1])
os.environ["TAKT_SOURCE_DIR"] = source = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(source, "tests/integration"))
import harness  # noqa: E402  (it reads the environment set above)

definitions = int(sys.argv[2]) if len(sys.argv) > 2 else 9_999  # and the one that is changed
EACH = 10
QUIET = 10  # seconds in which nothing is due
CHANGES = 5
harness.DEADLINE = 600
STEP = '[[step]]\nname = "s"\nrun = ["/bin/true"]\n'


def text_of(number):
    """Ten calendars that are due in half a year, each a minute of its own."""
    month = (time.gmtime().tm_mon + 5) % 12 + 1
    places = (number * EACH + i for i in range(EACH))
    return "".join(f'[[trigger]]\ncron = "{place % 60} {place // 60 % 24} {place // 1440 % 28 + 1} {month} *"\n'
                   for place in places) + STEP


def used(pid):
    """Microseconds of CPU, and how often it was woken."""
    with open(f"/proc/{pid}/stat") as stat:
        ticks = sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13]))
    with open(f"/proc/{pid}/status") as status:
        woken = next(int(line.split()[1]) for line in status if line.startswith("voluntary_ctxt_switches"))
    return ticks * 1_000_000 // os.sysconf("SC_CLK_TCK"), woken


def median_of(times, act):
    """Seconds."""
    taken = []
    for number in range(times):
        begin = time.monotonic()
        act(number)
        taken.append(time.monotonic() - begin)
    return sorted(taken)[times // 2]


def measure(count):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        bus = harness.Bus()
        daemon = harness.Daemon(folder, bus, {}, ["--cgroup=no"])
        try:
            for number in range(count):
                daemon.define(f"p{number}", text_of(number))
            begin = time.monotonic()
            daemon.start()
            ready = time.monotonic() - begin
            client = harness.Client(bus.address)
            change = median_of(CHANGES, lambda number: client.call(
                "PutDefinition", "(ssa{sv})", "changed", text_of(0).replace(" *", f" {number % 7}", 1), {}))
            reload = median_of(CHANGES, lambda _: client.call("Reload"))
            memory = daemon.memory()
            time.sleep(1)  # what comes after the last change
            before = used(daemon.process.pid)
            time.sleep(QUIET)
            after = used(daemon.process.pid)
            return {"start": ready, "memory": memory, "change": change, "reload": reload,
                    "cpu": after[0] - before[0], "woken": after[1] - before[1]}
        finally:
            daemon.close()
            bus.close()


one, all_of_them = measure(1), measure(definitions)
calendars = definitions * EACH
memory = (all_of_them["memory"] - one["memory"]) / (calendars - EACH)
text = sum(len(text_of(number)) for number in range(definitions)) / calendars
print(f"{calendars} calendars against {EACH}")
print(f"memory for each      {memory:8.0f} bytes, {memory / text:.1f} of its text")
for said, key in (("start", "start"), ("one is changed", "change"), ("all are read again", "reload")):
    print(f"{said:20} {all_of_them[key] * 1000:8.1f} ms, {all_of_them[key] / one[key]:.0f} of one")
print(f"{QUIET} s, nothing due   {all_of_them['cpu']:8d} µs of CPU and {all_of_them['woken']} wake-ups; "
      f"one: {one['cpu']} and {one['woken']}")
