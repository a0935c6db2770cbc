"""Triggers of the machine's own events, from a real systemd and its services."""

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
        for count in (2, 3):
            self.machine.run("systemctl", "start", "breaks.service", check=False)
            execution = self.wait_for_rows("on-failure", count)
            self.assertEqual(self.machine.wait(execution), "succeeded")
            self.assertEqual(self.machine.describe(execution)["TriggerKind"], "unit")
            self.machine.run("systemctl", "reset-failed", "breaks.service")

    def wait_for_rows(self, name, count):
        """The newest execution, once there are so many."""
        script = ("until test $(busctl --json=short call org.taktd.Takt1 /org/taktd/Takt1 org.taktd.Takt1.Manager "
                  f"ListExecutions 'a{{sv}}su' 1 process s {name} '' 0 | grep -o '\"{name}\"' | wc -l) -ge {count}; "
                  "do sleep 0.1; done")
        self.machine.run("timeout", "30", "sh", "-c", script)
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


if __name__ == "__main__":
    main()
