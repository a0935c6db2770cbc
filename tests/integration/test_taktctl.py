"""taktctl with the real daemon, as a person and as a program use it."""

import contextlib
import json
import os
import subprocess
import unittest

import harness

JOB = '''
description = "three steps"
[inputs.word]
type = "string"
default = "hello"
[[step]]
name = "say"
shell = 'echo "$TAKT_INPUT_WORD"; echo trouble >&2'
[[step]]
name = "leave"
shell = 'exit "$STATUS"'
environment = { STATUS = "${inputs.word == 'bad' and 7 or 0}" }
'''


class Taktctl(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.daemon.define("job", JOB)
        self.daemon.start()

    def test_the_outcome_is_the_exit_code(self):
        self.taktctl("start", "job", "--wait")
        done = self.taktctl("start", "job", "--input", "word=bad", "--wait", status=1)
        self.assertIn("exit status 7", done.stdout + done.stderr)
        self.taktctl("start", "nosuch", status=3)
        self.taktctl("wait", "1")
        self.taktctl("wait", "2", status=1)
        self.taktctl("frobnicate", status=2)

    def test_nobody_there_is_said_with_its_remedy(self):
        self.daemon.stop()
        self.assertIn("taktd is not running", self.taktctl("list", status=5).stderr)

    def test_json_is_what_it_says(self):
        self.taktctl("start", "job", "--wait")
        listed = self.taktctl_json("list")
        self.assertIn("job", json.dumps(listed))
        status = self.taktctl_json("status", "1")
        self.assertIn("succeeded", json.dumps(status))
        for arguments in (["history"], ["next"], ["show", "job"], ["why", "job"], ["version"], ["status"]):
            self.taktctl_json(*arguments)

    def test_logs_show_what_the_steps_wrote(self):
        self.taktctl("start", "job", "--input", "word=$(id) \"quoted\" %s", "--wait")
        out = self.taktctl("logs", "1").stdout
        self.assertIn('$(id) "quoted" %s', out)
        self.assertIn("trouble", out)
        self.assertEqual(self.taktctl("logs", "1", "--raw", "--step", "say").stdout.splitlines(),
                         ['$(id) "quoted" %s', "trouble"])

    def test_follow_shows_a_live_log(self):
        here, go = self.fifo("here"), self.fifo("go")
        self.daemon.define("live", f"[[step]]\nname = \"s\"\nshell = 'echo first; echo x > {here}; read x < {go}; echo second'\n")
        self.taktctl("reload")
        follow = subprocess.Popen([os.path.join(harness.BUILD, "taktctl"), "--bus", self.bus.address, "start", "live", "--follow"],
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(follow.stdout.close)
        self.read_fifo(here)
        while "first" not in follow.stdout.readline():
            self.assertIsNone(follow.poll())
        self.tell_fifo(go)
        self.assertIn("second", follow.stdout.read())
        self.assertEqual(follow.wait(harness.DEADLINE), 0)

    def test_pause_resume_cancel_retry(self):
        here, go = self.fifo("here"), self.fifo("go")
        self.daemon.define("live", f"[[step]]\nname = \"s\"\nshell = 'echo $TAKT_ATTEMPT > {here}; read x < {go}'\n")
        self.taktctl("reload")
        self.taktctl("start", "live")
        self.read_fifo(here)
        self.taktctl("pause", "1")
        self.assertIn("paused", self.taktctl("status", "1").stdout)
        self.taktctl("resume", "1")
        self.taktctl("cancel", "1")
        self.taktctl("wait", "1", status=11)
        self.taktctl("cancel", "1", status=3)
        self.taktctl("retry", "1")
        self.read_fifo(here)
        self.tell_fifo(go)
        self.taktctl("wait", "1")
        self.assertEqual(self.client().describe(1)["Run"], 2)

    def test_a_paused_process_holds_its_triggers(self):
        os.mkdir(self.path("drop"))
        self.daemon.define("held", f'[[trigger]]\npath = "{self.path("drop")}/*"\n[[step]]\nname = "s"\nrun = ["true"]\n')
        self.taktctl("reload")
        self.taktctl("pause", "held")
        client = self.client()
        open(os.path.join(self.path("drop"), "a"), "w").close()
        _, _, outcome, reason = client.until_signal("ExecutionFinished")
        self.assertEqual(outcome, "skipped")
        self.assertIn("paused", reason)
        self.assertIn("paused", self.taktctl("why", "held").stdout)
        self.taktctl("resume", "held")
        open(os.path.join(self.path("drop"), "b"), "w").close()
        client.until_signal("ExecutionFinished", lambda *a: a[2] == "succeeded")

    def test_check_names_the_place(self):
        path = self.path("wrong.toml")
        with open(path, "w") as file:
            file.write('[[step]]\nname = "s"\nrun = "true"\ntimeuot = "5s"\n')
        done = self.taktctl("check", path, status=1)
        text = done.stdout + done.stderr
        self.assertIn("wrong.toml:3:7", text)
        self.assertIn("wrong.toml:4:1", text)
        self.assertIn("timeout", text)

    def test_calendar_needs_no_daemon(self):
        self.daemon.stop()
        out = self.taktctl("calendar", "30 7 * * mon-fri", "--zone", "Asia/Tehran", "--from", "2026-12-18T00:00:00Z",
                           "--count", "2").stdout
        self.assertIn("2026-12-18 07:30:00+03:30", out)
        self.assertIn("2026-12-21 07:30:00+03:30", out, "it skips the weekend")

    def test_monitor_tells_everything(self):
        monitor = subprocess.Popen([os.path.join(harness.BUILD, "taktctl"), "--bus", self.bus.address, "--json=short",
                                    "monitor"], stdout=subprocess.PIPE)
        self.addCleanup(monitor.stdout.close)
        self.addCleanup(monitor.wait)
        self.addCleanup(monitor.kill)
        os.set_blocking(monitor.stdout.fileno(), False)
        client = self.client()
        heard = b""

        def tells_progress():  # it may subscribe after the first start: start until it has seen one whole
            nonlocal heard
            client.wait(client.start("job"))
            with contextlib.suppress(BlockingIOError):
                heard += os.read(monitor.stdout.fileno(), 1 << 20)
            return [json.loads(line) for line in heard.splitlines(keepends=True) if line.endswith(b"\n") and b"rogress" in line]

        self.assertEqual(harness.until(tells_progress, "a line of progress")[0]["process"], "job")


if __name__ == "__main__":
    unittest.main()
