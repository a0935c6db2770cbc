"""What needs a kernel of its own. The machine's clock is set and its zone changed: taktd follows at once and loses and
doubles nothing. And udev, which no container has, and thresholds of the kernel's pressure, seen from the unit's sandbox.

How soon taktd follows is read from what the machine itself recorded, by its own clock: a clock that is set to an instant says in every
entry and row since then how long after that it came.
"""

import os
import sys
import unittest
from datetime import datetime, timezone
from pathlib import Path

from booted import MESSAGE_IDS, plain
from vm import VirtualMachine

SECOND = 1_000_000
WARNING = "4"
# systemd's, of the entry that timedated writes when it has changed the zone (sd-messages(3)).
ZONE_CHANGED = "45f82f4aef7a4bbf942ce861d1f20990"
EACH_TEN_MINUTES = '[[trigger]]\ncron = "*/10 * * * *"\ncatch_up = "{}"\n'
# Says what it stands for, and who it is, in the journal: there the test waits for it.
TELL = '[[step]]\nname = "tell"\nshell = "echo $AT $COUNT"\n' \
       'environment = { AT = "${trigger.at}", COUNT = "${trigger.stands_for}" }\n'


def usec(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()) * SECOND


def setUpModule():
    OnMachine.machine = VirtualMachine(Path(os.environ["TAKT_SYSTEM_DIR"]))
    unittest.addModuleCleanup(OnMachine.machine.shut_down)


class OnMachine(unittest.TestCase):
    machine = None

    def define(self, name, trigger, step=TELL):
        self.machine.define(name, trigger + step)
        self.addCleanup(self.machine.run, "rm", f"/etc/takt/processes/{name}.toml")

    def told(self, after, name):
        """What the step of the next execution of this process says, and the execution itself."""
        entry = self.machine.journal_entry(after, TAKT_PROCESS=name, TAKT_STEP="tell", TAKT_STREAM="out")
        return entry["MESSAGE"], self.machine.describe(entry["TAKT_EXECUTION"])


class Clock(OnMachine):
    def set_clock(self, instant):
        """Sets it, and sees that taktd has computed its calendars within a second of the new time."""
        after = self.machine.cursor()
        self.machine.run("date", "--utc", f"--set={instant}")
        told = self.machine.journal_entry(after, MESSAGE_ID=MESSAGE_IDS["clock"])
        late = int(told["_SOURCE_REALTIME_TIMESTAMP"]) - usec(instant)
        self.assertTrue(0 <= late < SECOND, f"{late} µs after the clock was set")

    def next(self, name):
        at, _, _, zone, _ = self.machine.call("ListUpcoming", "a{sv}u", "1", "process", "s", name, "1")[0][0]
        return datetime.fromtimestamp(at / SECOND, timezone.utc).strftime("%Y-%m-%d %H:%M"), zone

    def rows(self, name):
        """State and nominal instant of all its executions, the newest first."""
        listed = plain(self.machine.call("ListExecutions", "a{sv}su", "1", "process", "s", name, "", "0")[0])
        return [(row[2], datetime.fromtimestamp(row[8]["NominalUSec"] / SECOND, timezone.utc).strftime("%H:%M")) for row in listed]

    def test_set_forward_what_passed_is_caught_up_with(self):
        self.set_clock("2031-03-11 07:29:00")
        self.define("latest", EACH_TEN_MINUTES.format("latest"))
        self.define("none", EACH_TEN_MINUTES.format("none"))
        after = self.machine.cursor()
        self.set_clock("2031-03-11 08:15:00")  # beyond 07:30, 07:40, 07:50, 08:00 and 08:10
        message, execution = self.told(after, "latest")
        self.assertEqual(message, "2031-03-11T08:10:00Z 5")
        self.assertLess(execution["QueuedUSec"] - usec("2031-03-11 08:15:00"), SECOND)
        skipped = self.machine.journal_entry(after, TAKT_PROCESS="none", MESSAGE_ID=MESSAGE_IDS["firing_skipped"])
        self.assertIn("catch_up: instants up to this one passed", skipped["MESSAGE"])
        self.assertEqual(self.machine.wait(execution["ID"]), "succeeded")
        self.assertEqual(self.rows("latest"), [("succeeded", "08:10")])
        self.assertEqual(self.rows("none"), [("skipped", "08:10")])
        for name in ("latest", "none"):
            self.assertEqual(self.next(name), ("2031-03-11 08:20", "Etc/UTC"))

    def test_set_back_by_less_than_three_hours_nothing_fires_again(self):
        self.set_clock("2031-03-12 08:09:58")
        self.define("steady", EACH_TEN_MINUTES.format("latest"))
        after = self.machine.cursor()
        self.assertEqual(self.told(after, "steady")[0], "2031-03-12T08:10:00Z 1")
        after = self.machine.cursor()
        self.set_clock("2031-03-12 06:30:00")
        self.assertEqual(self.next("steady"), ("2031-03-12 08:20", "Etc/UTC"))
        self.set_clock("2031-03-12 08:19:58")
        self.assertEqual(self.told(after, "steady")[0], "2031-03-12T08:20:00Z 1")
        self.assertEqual([nominal for _, nominal in self.rows("steady")], ["08:20", "08:10"])

    def test_set_back_further_the_new_time_is_taken_with_a_warning(self):
        self.set_clock("2031-03-13 08:09:58")
        self.define("anew", EACH_TEN_MINUTES.format("latest"))
        after = self.machine.cursor()
        self.assertEqual(self.told(after, "anew")[0], "2031-03-13T08:10:00Z 1")
        after = self.machine.cursor()
        self.set_clock("2031-03-13 03:19:58")
        self.assertEqual(self.told(after, "anew")[0], "2031-03-13T03:20:00Z 1")
        warning = self.machine.journal_entry(after, MESSAGE_ID=MESSAGE_IDS["clock"], PRIORITY=WARNING)
        self.assertIn("the new time is taken", warning["MESSAGE"])
        self.assertEqual([nominal for _, nominal in self.rows("anew")], ["03:20", "08:10"])

    def test_in_another_zone_the_next_run_moves(self):
        self.set_clock("2031-03-14 12:00:00")
        self.define("morning", '[[trigger]]\ncron = "30 7 * * *"\n')
        self.assertEqual(self.next("morning"), ("2031-03-15 07:30", "Etc/UTC"))
        after = self.machine.cursor()
        self.machine.run("timedatectl", "set-timezone", "Asia/Tehran")
        self.addCleanup(self.machine.run, "timedatectl", "set-timezone", "Etc/UTC")
        changed = self.machine.journal_entry(after, MESSAGE_ID=ZONE_CHANGED)
        told = self.machine.journal_entry(after, MESSAGE_ID=MESSAGE_IDS["next_run"], TAKT_PROCESS="morning")
        self.assertIn("2031-03-15 07:30", told["MESSAGE"])
        late = int(told["__MONOTONIC_TIMESTAMP"]) - int(changed["__MONOTONIC_TIMESTAMP"])
        self.assertLess(abs(late), SECOND)
        self.assertEqual(self.next("morning"), ("2031-03-15 04:00", "Asia/Tehran"))


class Kernel(OnMachine):
    def test_a_device_that_udev_reports(self):
        self.define("plugged", '[[trigger]]\ndevice = { subsystem = "net", action = "add", properties = { INTERFACE = "lo" } }\n',
                    '[[step]]\nname = "tell"\nrun = ["echo", "${trigger.syspath} ${trigger.action}"]\n')
        after = self.machine.cursor()
        for action in ("change", "add"):
            self.machine.run("udevadm", "trigger", "--settle", f"--action={action}", "/sys/class/net/lo")
        message, execution = self.told(after, "plugged")
        self.assertEqual(message, "/sys/devices/virtual/net/lo add")
        self.assertEqual(execution["TriggerKind"], "device")

    def test_tasks_that_stall_for_lack_of_a_processor(self):
        # takt.process(5), of kernels before 6.5.
        self.machine.write("/run/systemd/system/taktd.service.d/pressure.conf",
                           "[Service]\nAmbientCapabilities=CAP_SYS_RESOURCE\nCapabilityBoundingSet=CAP_SYS_RESOURCE\n")
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", "taktd.service")
        self.define("busy", '[[trigger]]\npressure = "cpu"\nstall = "200ms"\nwindow = "2s"\nrate = { limit = 1, span = "1h" }\n',
                    '[[step]]\nname = "tell"\nrun = ["echo", "${trigger.resource} ${trigger.total}"]\n')
        after = self.machine.cursor()
        for number in range(3):
            self.machine.run("systemd-run", f"--unit=busy-{number}", "sh", "-c", "while :; do :; done")
        self.addCleanup(self.machine.run, "systemctl", "stop", "busy-*.service")
        message, execution = self.told(after, "busy")
        self.assertRegex(message, "^cpu [1-9][0-9]{5,}$")
        self.assertEqual(execution["TriggerKind"], "pressure")


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("A virtual machine needs root: skipped")
        sys.exit(77)
    unittest.main()
