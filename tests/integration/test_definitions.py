"""Definitions that change while the daemon runs, and definitions that are wrong."""

import os
import unittest

import harness

GOOD = '[[step]]\nname = "s"\nrun = ["true"]\n'


class Definitions(harness.TestCase):
    def test_a_broken_one_disturbs_nobody(self):
        self.daemon.define("job", GOOD)
        self.daemon.define("other", GOOD)
        self.daemon.start()
        client = self.client()
        self.daemon.define("job", GOOD + "tiemout = \"5s\"\n")
        done = self.taktctl("reload", status=1)
        text = done.stdout + done.stderr
        self.assertIn("job.toml:4:1", text)
        self.assertIn("timeout", text, "the nearest key is suggested")
        self.assertEqual(client.wait(client.start("job"))[0], "succeeded")
        self.assertEqual(client.wait(client.start("other"))[0], "succeeded")
        self.assertEqual(self.daemon.log_text().count("tiemout = "), 1, "told once")

        self.daemon.stop()
        self.daemon.start()
        client = self.client()
        self.assertEqual(client.wait(client.start("job"))[0], "succeeded", "the last good version goes on after a restart")
        self.daemon.define("job", GOOD)
        self.taktctl("reload")

    def test_a_running_execution_keeps_its_version(self):
        here, go, log = self.fifo("here"), self.fifo("go"), self.path("log")
        text = '[[step]]\nname = "wait"\nshell = "echo x > {0}; read x < {1}"\n[[step]]\nname = "say"\nshell = "echo {3} >> {2}"\n'
        self.daemon.define("job", text.format(here, go, log, "old"))
        self.daemon.start()
        id = self.client().start("job")
        self.read_fifo(here)
        self.daemon.define("job", text.format(here, go, log, "new"))
        self.taktctl("reload")
        self.daemon.kill()
        self.daemon.start()
        self.tell_fifo(go)
        self.assertEqual(self.client().wait(id)[0], "succeeded")
        with open(log) as file:
            self.assertEqual(file.read(), "old\n")

    def test_put_disable_enable_delete(self):
        self.daemon.start()
        path = self.path("fresh.toml")
        with open(path, "w") as file:
            file.write(GOOD)
        self.taktctl("put", path)
        self.taktctl("start", "fresh", "--wait")
        self.taktctl("disable", "fresh")
        self.assertIn("disabled", self.taktctl("start", "fresh", status=None).stderr)
        self.daemon.stop()
        self.daemon.start()
        self.assertIn("disabled", self.taktctl("start", "fresh", status=None).stderr, "also after a restart")
        self.taktctl("enable", "fresh")
        self.taktctl("start", "fresh", "--wait")
        self.taktctl("delete", "fresh")
        self.assertNotEqual(self.taktctl("start", "fresh", status=None).returncode, 0)
        with open(path, "w") as file:
            file.write("[[step]]\n")
        done = self.taktctl("put", path, status=1)
        self.assertIn("fresh.toml", done.stderr + done.stdout)

    def test_a_file_that_others_may_write_is_refused(self):
        self.daemon.define("job", GOOD)
        os.chmod(os.path.join(self.daemon.processes, "job.toml"), 0o666)
        self.daemon.start()
        self.assertIn("job.toml", self.daemon.log_text())
        self.assertEqual(self.client().call("ListProcesses", "(a{sv})", {})[0], [])

    def test_settings_that_cannot_be_read_are_told(self):
        self.daemon.config = self.path("settings")
        os.mkdir(self.daemon.config)
        self.daemon.start()
        self.assertIn(f"{self.daemon.config}: error: read: Is a directory", self.daemon.log_text())

    def test_two_daemons_on_one_folder(self):
        self.daemon.start()
        second = harness.Daemon(self.folder, self.bus)
        second.log = self.path("second.log")
        second.start(wait=False)
        self.addCleanup(second.close)
        self.assertEqual(second.process.wait(harness.DEADLINE), 1)
        self.assertIn(f"pid {self.daemon.process.pid}", second.log_text())


class Overlap(harness.TestCase):
    def define(self, overlap, more=""):
        self.here = self.path("here") if os.path.exists(self.path("here")) else self.fifo("here")
        self.go = self.path("go") if os.path.exists(self.path("go")) else self.fifo("go")
        self.daemon.define("job", f'overlap = "{overlap}"\n{more}\n[[trigger]]\npath = "{self.path("drop")}/*"\n'
                                  f'[[step]]\nname = "s"\nshell = "echo $TAKT_EXECUTION > {self.here}; read x < {self.go}"\n')
        os.mkdir(self.path("drop"))
        self.daemon.start()
        self.client_ = self.client()

    def fire(self):
        with open(os.path.join(self.path("drop"), str(len(os.listdir(self.path("drop"))))), "w") as file:
            file.write("x")

    def test_skip_is_recorded_with_what_was_in_the_way(self):
        self.define("skip")
        self.fire()
        first = int(self.read_fifo(self.here))
        self.fire()
        second, _, outcome, reason = self.client_.until_signal("ExecutionFinished")
        self.assertEqual((outcome, reason), ("skipped", f"overlap: execution {first} is running"))
        self.assertIn(f"execution {first} is running", self.taktctl("why", "job").stdout)
        self.assertIn("overlap", self.daemon.log_text())
        self.tell_fifo(self.go)
        self.assertEqual(self.client_.wait(first)[0], "succeeded")

    def test_queue(self):
        self.define("queue")
        self.fire()
        first = int(self.read_fifo(self.here))
        self.fire()
        second = self.client_.until_signal("ExecutionQueued", lambda *a: a[0] != first)[0]
        self.assertEqual(self.client_.describe(second)["State"], "queued")
        self.tell_fifo(self.go)
        self.assertEqual(int(self.read_fifo(self.here)), second)
        self.tell_fifo(self.go)
        self.assertEqual(self.client_.wait(second)[0], "succeeded")

    def test_replace(self):
        self.define("replace")
        self.fire()
        first = int(self.read_fifo(self.here))
        self.fire()
        second = int(self.read_fifo(self.here))
        self.assertEqual(self.client_.wait(first)[0], "cancelled")
        self.assertEqual(self.client_.describe(first)["Reason"], f"replaced by execution {second}")
        self.tell_fifo(self.go)
        self.assertEqual(self.client_.wait(second)[0], "succeeded")

    def test_allow(self):
        self.define("allow", "max_instances = 2")
        self.fire()
        first = int(self.read_fifo(self.here))
        self.fire()
        second = int(self.read_fifo(self.here))
        self.fire()
        third = self.client_.until_signal("ExecutionQueued", lambda *a: a[0] not in (first, second))[0]
        self.assertEqual(self.client_.describe(third)["State"], "queued")
        self.client_.control("Cancel", first)
        self.assertEqual(int(self.read_fifo(self.here)), third)


if __name__ == "__main__":
    unittest.main()
