"""Whatever dies, nothing is lost and nothing is done twice."""

import contextlib
import os
import signal
import time
import unittest

import harness

THREE_STEPS = """
[[step]]
name = "one"
shell = "echo one >> {log}"

[[step]]
name = "two"
shell = "echo two >> {log}; echo $$ > {here}; read x < {go}; exit {status}"
{more}

[[step]]
name = "three"
shell = "echo three >> {log}"
"""


class Recovery(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.log, self.here, self.go = self.path("log"), self.fifo("here"), self.fifo("go")

    def define(self, status=7, more="continue_on_failure = true"):
        self.daemon.define("job", THREE_STEPS.format(log=self.log, here=self.here, go=self.go, status=status, more=more))

    def lines(self):
        with open(self.log) as file:
            return file.read().split()

    def begin(self):
        """taktd is up and the second step waits for `go`; its pid."""
        self.daemon.start()
        self.client_ = self.client()
        self.execution = self.client_.start("job")
        return int(self.read_fifo(self.here))

    def restart(self):
        self.daemon.start()
        self.client_ = self.client()

    def check_end(self, outcome="succeeded", status=7, lines=("one", "two", "three")):
        self.assertEqual(self.client_.wait(self.execution)[0], outcome)
        description = self.client_.describe(self.execution)
        self.assertEqual(description["Steps"][1]["ExitCode"], status)
        self.assertEqual(self.lines(), list(lines))
        self.assertEqual(len(self.client_.executions()), 1)
        return description

    def test_the_step_lives_on_and_its_true_status_is_recorded(self):
        self.define()
        pid = self.begin()
        self.daemon.kill()
        self.assertTrue(harness.alive(pid))
        self.restart()
        self.assertEqual(self.client_.describe(self.execution)["State"], "running")
        self.tell_fifo(self.go)
        self.check_end()

    def test_a_step_that_ends_while_the_daemon_is_down(self):
        self.define()
        pid = self.begin()
        self.daemon.kill()
        self.tell_fifo(self.go)
        harness.wait_gone(pid)
        self.restart()
        description = self.check_end()
        self.assertEqual(len(description["Attempts"]), 3)

    def test_a_step_dies_by_a_signal_while_the_daemon_is_down(self):
        self.define(more="")
        pid = self.begin()
        self.daemon.kill()
        os.kill(pid, signal.SIGKILL)
        harness.wait_gone(pid)
        self.restart()
        self.assertEqual(self.client_.wait(self.execution)[0], "failed")
        self.assertEqual(self.client_.describe(self.execution)["Steps"][1]["Signal"], signal.SIGKILL)
        self.assertEqual(self.lines(), ["one", "two"])

    def test_paused_stays_frozen_through_a_restart(self):
        self.define()
        pid = self.begin()
        self.client_.control("Pause", self.execution)
        harness.until(lambda: self.frozen(pid), "the freeze")
        self.daemon.kill()
        self.restart()
        self.assertEqual(self.client_.describe(self.execution)["State"], "paused")
        self.assertTrue(self.frozen(pid))
        self.client_.control("Resume", self.execution)
        self.tell_fifo(self.go)
        self.check_end()

    def frozen(self, pid):
        with open(f"/proc/{pid}/stat") as stat:
            if stat.read().rsplit(")", 1)[1].split()[0] == "T":
                return True
        with open(f"/proc/{pid}/cgroup") as groups:
            group = next(line.strip()[3:] for line in groups if line.startswith("0::"))
        for mount in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
            with contextlib.suppress(FileNotFoundError):
                with open(f"{mount}{group}/cgroup.events") as events:
                    return "frozen 1" in events.read()
        return False

    def test_a_retry_delay_keeps_its_instant_and_its_number(self):
        self.daemon.define("job", f"""
[[step]]
name = "flaky"
shell = 'echo "$TAKT_ATTEMPT,$(cut -d " " -f 1 /proc/uptime)" >> {self.log}; test $TAKT_ATTEMPT = 2'
retry = {{ limit = 3, delay = "6s" }}
""")
        self.daemon.start()
        client = self.client()
        client.subscribe()
        id = client.start("job")
        harness.until(lambda: client.describe(id)["Steps"][0]["State"] == "waiting", "the wait")
        promised = self.retry_at(client, id)
        self.daemon.kill()
        down = time.clock_gettime(time.CLOCK_BOOTTIME)
        harness.until(lambda: time.clock_gettime(time.CLOCK_BOOTTIME) > down + 2, "a part of the delay")
        self.daemon.start()
        again = self.client()
        self.assertAlmostEqual(self.retry_at(again, id), promised, delta=1)
        self.assertEqual(again.wait(id)[0], "succeeded")
        numbers, instants = zip(*(line.split(",") for line in self.lines()))
        self.assertEqual(numbers, ("1", "2"))
        self.assertGreaterEqual(float(instants[1]), promised - 1)

    def retry_at(self, client, id):
        """On the clock that nobody sets: the machine's wall clock may be stepped while a test runs."""
        wall = client.describe(id)["Steps"][0]["RetryUSec"] / 1e6
        return wall - time.time() + time.clock_gettime(time.CLOCK_BOOTTIME)

    def test_the_grace_of_a_cancel_goes_on(self):
        self.daemon.define("job", f"""
[[step]]
name = "stubborn"
shell = "trap '' TERM; echo $$ > {self.here}; read x < {self.go}; exit 0"
kill = {{ grace = "3s" }}
""")
        pid = self.begin()
        self.client_.control("Cancel", self.execution, reason="night")
        self.daemon.kill()
        self.assertTrue(harness.alive(pid))
        self.restart()
        self.assertEqual(self.client_.wait(self.execution)[0], "cancelled")
        harness.wait_gone(pid)
        description = self.client_.describe(self.execution)
        self.assertIn("night", description["Reason"])
        self.assertEqual(description["Steps"][0]["State"], "cancelled")

    def test_the_runner_is_killed_and_the_step_is_interrupted(self):
        self.define(more="")
        pid = self.begin()
        runner = next(p for p in harness.descendants(os.getpid()) if self.program(p) == "takt-runner" and harness.alive(p))
        os.kill(runner, signal.SIGKILL)
        self.assertEqual(self.client_.wait(self.execution)[0], "failed")
        self.assertEqual(self.client_.describe(self.execution)["Steps"][1]["State"], "interrupted")
        self.assertEqual(self.lines(), ["one", "two"])
        if harness.alive(pid):
            os.kill(pid, signal.SIGKILL)
        self.assertEqual(self.client_.wait(self.client_.start("job2"))[0] if self.define_quick() else "", "succeeded")

    def define_quick(self):
        self.daemon.define("job2", "[[step]]\nname = \"s\"\nrun = [\"true\"]\n")
        self.client_.call("Reload")
        return True

    def program(self, pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{pid}/comm") as comm:
                return comm.read().strip()


class RecoveryWithCgroups(Recovery):
    runner_options = ["--cgroup=yes"]

    def test_the_runner_is_killed_and_the_step_is_interrupted(self):
        self.define(more="")
        self.begin()
        self.daemon.runner.kill()
        self.daemon.runner.wait()
        self.daemon.start_runner(self.runner_options)
        self.assertEqual(self.client_.wait(self.execution)[0], "failed")
        self.assertEqual(self.client_.describe(self.execution)["Steps"][1]["State"], "interrupted")


if __name__ == "__main__":
    unittest.main()
