"""Triggers of the machine's own events, from a real systemd and its services."""

import json

from booted import ROOT
from machine import OnMachine, main


class Watches(OnMachine):
    def define(self, name, trigger):
        self.machine.define(name, trigger + '\n[[step]]\nname = "note"\nrun = ["true"]\n')

    def executions(self, name):
        return self.machine.call("ListExecutions", "a{sv}su", "1", "process", "s", name, "", "0")[0]

    def test_a_unit_that_fails_fires_once_for_each_failure(self):
        self.machine.write("/run/systemd/system/breaks.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n")
        self.machine.run("systemctl", "daemon-reload")
        self.define("on-failure", '[[trigger]]\nunit = "breaks.service"\ninputs = { state = "${trigger.state}" }\n'
                    '[inputs.state]\ntype = "string"\n[[trigger]]\nevent = "ready"\ninputs = { state = "" }\n')
        # The answer to an event that only this process hears: from now on its triggers are followed.
        self.assertEqual(self.machine.call("Emit", "sa{sv}", "ready", "0"), [1])
        self.assertEqual(self.machine.wait(1), "succeeded")  # while it ran, a failure would be skipped
        for count in (2, 3):
            self.machine.run("systemctl", "start", "breaks.service", check=False)
            execution = self.wait_for_rows("on-failure", count)
            self.assertEqual(self.machine.wait(execution), "succeeded")
            self.assertEqual(self.machine.describe(execution)["TriggerKind"], "unit")
            self.machine.run("systemctl", "reset-failed", "breaks.service")

    def listens(self, text):
        """Until the bus knows that somebody waits for a signal whose rule has this text."""
        self.until("busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus.Debug.Stats GetAllMatchRules "
                   f"| grep -F -q '{text}'")

    def wait_for_rows(self, name, count):
        """The newest execution, once there are so many."""
        self.until("test $(busctl --json=short call org.taktd.Takt1 /org/taktd/Takt1 org.taktd.Takt1.Manager "
                   f"ListExecutions 'a{{sv}}su' 1 process s {name} '' 0 | grep -o '\"{name}\"' | wc -l) -ge {count}")
        return self.executions(name)[0][0]

    def test_another_zone_of_the_machine_moves_its_schedules(self):
        self.define("morning", '[[trigger]]\ncron = "30 7 * * *"\n')
        upcoming = lambda: self.machine.call("ListUpcoming", "a{sv}u", "1", "process", "s", "morning", "1")[0][0]
        self.assertEqual(upcoming()[3], "Etc/UTC")
        after = self.machine.cursor()
        self.machine.run("timedatectl", "set-timezone", "Asia/Tehran")
        self.addCleanup(self.machine.run, "timedatectl", "set-timezone", "Etc/UTC")
        self.machine.journal_entry(after, TAKT_PROCESS="morning")  # its next run, told anew
        self.assertEqual(upcoming()[3], "Asia/Tehran")
        shown = self.machine.run("env", "TZ=Asia/Tehran", "date", "+%H:%M", f"--date=@{upcoming()[0] // 1_000_000}").stdout
        self.assertEqual(shown.strip(), "07:30")

    def test_a_signal_of_a_real_service_fires(self):
        self.define("zone", '[[trigger]]\ndbus = { sender = "org.freedesktop.timedate1", interface = '
                    '"org.freedesktop.DBus.Properties", member = "PropertiesChanged", args = ["org.freedesktop.timedate1"] }\n'
                    'when = "trigger.args[2].Timezone == \'Asia/Tehran\'"\n')
        self.machine.call("Reload")
        self.machine.run("timedatectl", "set-timezone", "Asia/Tehran")
        self.addCleanup(self.machine.run, "timedatectl", "set-timezone", "Etc/UTC")
        self.assertEqual(self.machine.wait(self.wait_for_rows("zone", 1)), "succeeded")

    def test_a_mount_unit_that_becomes_active(self):
        self.define("mounted", '[[trigger]]\nunit = "srv-disk.mount"\nstate = "active"\n')
        self.listens("/srv_2ddisk_2emount")
        self.machine.run("mkdir", "-p", "/srv/disk")
        self.machine.run("mount", "-t", "tmpfs", "tmpfs", "/srv/disk")
        self.addCleanup(self.machine.run, "umount", "/srv/disk")
        self.assertEqual(self.machine.wait(self.wait_for_rows("mounted", 1)), "succeeded")

    def test_a_systemd_that_executes_itself_anew_is_still_heard(self):
        self.machine.write("/run/systemd/system/breaks-later.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n")
        self.machine.run("systemctl", "daemon-reload")
        self.define("after-reexec", '[[trigger]]\nunit = "breaks-later.service"\n')
        self.listens("/breaks_2dlater_2eservice")
        self.machine.run("systemctl", "daemon-reexec")
        self.machine.run("systemctl", "start", "breaks-later.service", check=False)
        self.assertEqual(self.machine.wait(self.wait_for_rows("after-reexec", 1)), "succeeded")

    def test_the_journal_is_read_by_the_daemons_own_user(self):
        self.define("logged", '[[trigger]]\njournal = { match = { SYSLOG_IDENTIFIER = "deploy" }, pattern = "^release " }\n'
                    'inputs = { said = "${trigger.message}" }\n[inputs.said]\ntype = "string"\n')
        for line in ("nothing", "release 7"):
            self.machine.run("logger", "--tag", "deploy", line)
        execution = self.wait_for_rows("logged", 1)
        self.assertEqual(json.loads(self.machine.describe(execution)["Inputs"]), {"said": "release 7"})

    def ships(self, name):
        """An example, as a file of the administrator's."""
        self.machine.define(name, (ROOT / "examples" / f"{name}.toml").read_text())

    def test_logind_says_that_the_machine_will_sleep(self):
        # For logind a machine can sleep when its kernel says so; systemd-suspend.service would ask it to.
        self.machine.run("mount", "-t", "tmpfs", "tmpfs", "/sys/power")
        self.machine.write("/sys/power/state", "mem")
        self.machine.write("/run/systemd/system/systemd-suspend.service.d/test.conf",
                           "[Service]\nExecStart=\nExecStart=/bin/true\n")
        self.machine.run("systemctl", "daemon-reload")
        self.ships("dbus-before-sleep")
        self.listens("PrepareForSleep")
        self.machine.run("busctl", "call", "org.freedesktop.login1", "/org/freedesktop/login1",
                         "org.freedesktop.login1.Manager", "Suspend", "b", "false")
        self.assertEqual(self.machine.wait(self.wait_for_rows("dbus-before-sleep", 1)), "succeeded")

    def test_logind_says_that_a_session_is_locked(self):
        self.ships("dbus-session-locked")
        self.listens("org.freedesktop.login1.Session")
        gate = self.gate()
        self.machine.run("useradd", "--create-home", "ada")
        self.machine.write("/run/session", gate.script())
        self.machine.run("systemd-run", "--unit=session", "--uid=ada", "--property=PAMName=login",
                         "--setenv=XDG_SESSION_TYPE=wayland", "sh", "/run/session")
        gate.arrived()
        session = self.machine.run("loginctl", "--no-legend", "list-sessions").stdout.split()[0]
        shown = self.machine.run("busctl", "call", "org.freedesktop.login1", "/org/freedesktop/login1",
                                 "org.freedesktop.login1.Manager", "GetSession", "s", session).stdout
        path = shown.split('"')[1]
        self.machine.run("busctl", "call", "org.freedesktop.login1", path, "org.freedesktop.login1.Session", "SetLockedHint", "b", "true")
        execution = self.wait_for_rows("dbus-session-locked", 1)
        self.assertEqual(json.loads(self.machine.describe(execution)["Inputs"]), {"session": path})
        gate.open()


if __name__ == "__main__":
    main()
