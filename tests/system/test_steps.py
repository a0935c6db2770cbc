"""Steps on a machine with systemd: their journal, and that they outlive restarts, a stuck daemon and upgrades."""

from booted import MESSAGE_IDS
from machine import OnMachine, main

# The second step meets the test at a gate, and its exit status shows whose word the record takes.
THREE_STEPS = """
[[step]]
name = "first"
run  = ["true"]

[[step]]
name  = "second"
shell = '''{gate}; exit 7'''
continue_on_failure = true

[[step]]
name  = "third"
shell = "echo once >> {log}"
"""


class Steps(OnMachine):
    def begin(self):
        """A three-step execution whose second step has come to its gate: (execution, gate, the step's pid)."""
        gate = self.gate()
        name = gate.name.rsplit("/", 1)[-1].replace("_", "-")
        self.log = f"{gate.name}.log"
        self.machine.define(name, THREE_STEPS.format(gate=gate.script(), log=self.log))
        execution = self.machine.start(name)
        return execution, gate, gate.arrived()

    def finish(self, execution, gate):
        """The gate opens: the true exit status is recorded, and the third step runs once."""
        gate.open()
        self.assertEqual(self.machine.wait(execution), "succeeded")
        described = self.machine.describe(execution)
        steps = {step["Name"]: step for step in described["Steps"]}
        self.assertEqual([steps[name]["State"] for name in ("first", "second", "third")], ["succeeded", "failed", "succeeded"])
        self.assertEqual((steps["second"]["ExitCode"], steps["second"]["Attempts"]), (7, 1))
        self.assertEqual(self.machine.path(self.log).read_text(), "once\n")
        self.assertEqual([each["Step"] for each in described["Attempts"]], ["first", "second", "third"])

    def assert_alive(self, pid):
        self.machine.run("sh", "-c", f"kill -0 {pid}")

    def assert_gone(self, pid):
        self.assertFalse(self.machine.path(f"/proc/{pid}").exists(), f"{pid} is still there")

    def test_output_is_in_the_journal_with_its_fields(self):
        self.machine.define("speaker", '[[step]]\nname = "speak"\nshell = "echo one; echo two >&2"\n')
        execution = self.machine.start("speaker")
        self.assertEqual(self.machine.wait(execution), "succeeded")
        entries = self.machine.journal("TAKT_PROCESS=speaker", f"TAKT_EXECUTION={execution}", "TAKT_STEP=speak", "TAKT_ATTEMPT=1")
        self.assertEqual({entry["TAKT_STREAM"]: entry["MESSAGE"] for entry in entries if "TAKT_STREAM" in entry},
                         {"out": "one", "err": "two"})

    def test_a_failure_is_logged_once_with_its_reason(self):
        self.machine.define("breaker", '[[step]]\nname = "break"\nshell = "echo the cable is loose; exit 3"\n')
        execution = self.machine.start("breaker")
        self.assertEqual(self.machine.wait(execution), "failed")
        entries = self.machine.journal(f"MESSAGE_ID={MESSAGE_IDS['execution_failed']}", "TAKT_PROCESS=breaker")
        self.assertEqual(len(entries), 1)
        self.assertEqual((entries[0]["TAKT_EXECUTION"], entries[0]["TAKT_STEP"], entries[0]["_SYSTEMD_UNIT"]),
                         (str(execution), "break", "taktd.service"))
        self.assertIn("the cable is loose", entries[0]["MESSAGE"])

    def test_the_start_tells_the_next_runs(self):
        self.machine.define("nightly", '[[trigger]]\ncron = "30 7 * * *"\ntimezone = "Asia/Tehran"\n[[step]]\nname = "x"\nrun = ["true"]\n')
        cursor = self.machine.cursor()
        self.machine.run("systemctl", "restart", "taktd")
        entry = self.machine.journal_entry(cursor, MESSAGE_ID=MESSAGE_IDS["next_run"], TAKT_PROCESS="nightly")
        self.assertRegex(entry["MESSAGE"], r"^nightly: next run at \d{4}-\d\d-\d\d 07:30:00\+03:30")

    def test_a_step_has_a_cgroup_and_its_children_die_with_it(self):
        gate = self.gate()
        self.machine.define("leaver", f"[[step]]\nname = \"leave\"\nshell = '''setsid sleep 1000 & {gate.script()}'''\n")
        execution = self.machine.start("leaver")
        pid = gate.arrived()
        self.assertIn(pid, self.machine.processes_of("takt-runner.service"))
        own = self.machine.path(f"/proc/{pid}/cgroup").read_text()
        self.assertNotEqual(own, self.machine.path(f"/proc/{self.machine.main_pid('takt-runner.service')}/cgroup").read_text())
        gate.open()
        self.assertEqual(self.machine.wait(execution), "succeeded")
        self.assert_gone(pid)
        self.assertEqual(self.sleepers(), [])

    def sleepers(self):
        return [pid for pid in self.machine.processes_of("takt-runner.service")
                if self.machine.path(f"/proc/{pid}/comm").read_text() == "sleep\n"]

    def test_a_paused_step_is_frozen_by_the_kernel(self):
        execution, gate, pid = self.begin()
        self.machine.call("PauseExecution", "ta{sv}", str(execution), "0")
        group = self.machine.path(f"/proc/{pid}/cgroup").read_text().strip().split("::")[1]
        # Seen from the container: what stands before its own root is the machine's.
        group = group[group.index("/system.slice/"):]
        self.assertIn("frozen 1", self.machine.path(f"/sys/fs/cgroup{group}/cgroup.events").read_text())
        self.machine.call("ResumeExecution", "ta{sv}", str(execution), "0")
        self.finish(execution, gate)

    def test_restart(self):
        execution, gate, pid = self.begin()
        before = self.machine.main_pid()
        self.machine.run("systemctl", "restart", "taktd")
        self.assertNotEqual(self.machine.main_pid(), before)
        self.assert_alive(pid)
        self.finish(execution, gate)

    def test_a_stuck_daemon_is_restarted_by_the_watchdog(self):
        self.machine.write("/run/systemd/system/taktd.service.d/watchdog.conf", "[Service]\nWatchdogSec=2s\n")
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", "taktd")
        execution, gate, pid = self.begin()
        before, cursor = self.machine.main_pid(), self.machine.cursor()
        self.machine.run("systemctl", "kill", "--kill-whom=main", "--signal=STOP", "taktd")
        self.machine.journal_entry(cursor, MESSAGE_ID=MESSAGE_IDS["started"])
        self.assertNotEqual(self.machine.main_pid(), before)
        self.assertGreaterEqual(int(self.machine.show("taktd", "NRestarts")), 1)
        self.assert_alive(pid)
        self.finish(execution, gate)

    def test_killed(self):
        execution, gate, pid = self.begin()
        cursor = self.machine.cursor()
        self.machine.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "taktd")
        self.machine.journal_entry(cursor, MESSAGE_ID=MESSAGE_IDS["started"])
        self.assert_alive(pid)
        self.finish(execution, gate)

    def test_an_upgrade(self):
        execution, gate, pid = self.begin()
        before, runner = self.machine.main_pid(), self.machine.main_pid("takt-runner.service")
        self.machine.install(self.package)
        self.assertNotEqual(self.machine.main_pid(), before)
        self.assertEqual(self.machine.main_pid("takt-runner.service"), runner)
        self.assert_alive(pid)
        self.finish(execution, gate)

    def test_the_end_of_a_step_while_the_daemon_is_stopped(self):
        execution, gate, pid = self.begin()
        self.machine.run("systemctl", "stop", "taktd")
        self.assert_alive(pid)
        self.assertFalse(self.machine.path("/sys/fs/cgroup/system.slice/taktd.service").exists())
        gate.open()
        self.machine.run("sh", "-c", f"while kill -0 {pid} 2> /dev/null; do :; done")
        self.machine.run("systemctl", "start", "taktd")
        self.assertEqual(self.machine.wait(execution), "succeeded")
        step = self.machine.describe(execution)["Steps"][1]
        self.assertEqual((step["Name"], step["ExitCode"], step["Attempts"]), ("second", 7, 1))
        self.assertEqual(self.machine.path(self.log).read_text(), "once\n")

    def test_nothing_is_left_after_a_cancel_and_a_stop(self):
        execution, gate, pid = self.begin()
        self.machine.call("CancelExecution", "ta{sv}", str(execution), "0")
        self.assertEqual(self.machine.wait(execution), "cancelled")
        self.assert_gone(pid)
        self.machine.run("systemctl", "stop", "taktd.service", "takt-runner.socket", "takt-runner.service")
        self.addCleanup(self.machine.run, "systemctl", "start", "takt-runner.socket", "taktd.service")
        for unit in ("taktd.service", "takt-runner.service"):
            self.assertFalse(self.machine.path(f"/sys/fs/cgroup/system.slice/{unit}").exists(), unit)
        everyone = self.machine.run("sh", "-c", "cat /proc/[0-9]*/comm").stdout.splitlines()
        self.assertEqual([name for name in everyone if name.startswith("takt")], [])


if __name__ == "__main__":
    main()
