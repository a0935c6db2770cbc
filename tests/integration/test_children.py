"""Children that do what children should not: each ends as promised, and nothing of it is left."""

import os
import signal
import unittest

import harness

MIB = 1024 * 1024


class Children(harness.TestCase):
    def run_step(self, script, more="", wait=True):
        self.daemon.define("job", f"[[step]]\nname = \"s\"\nshell = '''{script}'''\n{more}\n")
        self.daemon.start()
        self.client_ = self.client()
        id = self.client_.start("job")
        if wait:
            self.outcome, self.result = self.client_.wait(id)
            self.description = self.client_.describe(id)
            self.step = self.description["Steps"][0]
        return id

    def test_one_that_ignores_sigterm_is_killed_after_its_grace(self):
        here = self.fifo("here")
        id = self.run_step(f"trap '' TERM; echo $$ > {here}; while :; do read x < {self.fifo('never')}; done",
                           'kill = { grace = "1s" }', wait=False)
        pid = int(self.read_fifo(here))
        self.client_.control("Cancel", id)
        self.assertEqual(self.client_.wait(id)[0], "cancelled")
        harness.wait_gone(pid)
        attempt = self.client_.describe(id)["Attempts"][0]
        self.assertEqual(attempt["Signal"], signal.SIGKILL)

    def test_a_time_out_takes_the_grandchildren_too(self):
        here = self.fifo("here")
        id = self.run_step(f"sh -c 'echo $$ > {here}; exec sleep 1000' & wait", 'timeout = "1s"\nkill = { grace = "1s" }',
                           wait=False)
        pid = int(self.read_fifo(here))
        self.assertEqual(self.client_.wait(id)[0], "failed")
        harness.wait_gone(pid)
        self.assertIn("timed out after 1s", self.client_.describe(id)["Steps"][0]["Error"])

    def test_a_daemon_it_leaves_behind_is_killed(self):
        here = self.fifo("here")
        id = self.run_step(f"setsid -f sh -c 'trap \"\" TERM HUP; echo $$ > {here}; exec sleep 1000' </dev/null >/dev/null 2>&1; read x < {self.fifo('go')}",
                           wait=False)
        pid = int(self.read_fifo(here))
        self.tell_fifo(self.path("go"))
        self.assertEqual(self.client_.wait(id)[0], "succeeded")
        harness.wait_gone(pid)

    def test_leftovers_live_when_they_may(self):
        here = self.fifo("here")
        id = self.run_step(f"setsid -f sh -c 'echo $$ > {here}; exec sleep 1000' </dev/null >/dev/null 2>&1; read x < {self.fifo('go')}",
                           "kill = { leftovers = true }", wait=False)
        pid = int(self.read_fifo(here))
        self.tell_fifo(self.path("go"))
        self.assertEqual(self.client_.wait(id)[0], "succeeded")
        self.assertTrue(harness.alive(pid))

    def test_output_that_is_held_open_delays_nothing(self):
        self.run_step("sh -c 'exec sleep 1000' & echo done")
        self.assertEqual(self.outcome, "succeeded")

    def test_a_gigabyte_of_output_grows_nobody(self):
        self.daemon.define("warm", '[[step]]\nname = "s"\nrun = ["true"]\n')
        self.run_step("echo before; head -c 1G /dev/zero | tr '\\0' 'x' | fold -w 1000; echo after; exit 3", wait=False)
        before = self.daemon.memory()
        self.assertEqual(self.client_.wait(1)[0], "failed")
        attempt = self.client_.describe(1)["Attempts"][0]
        self.assertGreater(attempt["OutputBytes"], 1024 * MIB)
        self.assertTrue(attempt["OutputCut"])
        self.assertIn("after", attempt["OutputTail"])
        self.assertLess(self.daemon.memory() - before, 32 * MIB)
        log = self.client_.connection.call_with_unix_fd_list_sync(
            harness.NAME, harness.PATH, harness.MANAGER, "OpenLog", harness.GLib.Variant("(ta{sv})", (1, {})), None,
            harness.Gio.DBusCallFlags.NONE, -1, None, None)[1].get(0)
        self.addCleanup(os.close, log)
        self.assertLess(os.fstat(log).st_size, 32 * MIB)

    def test_one_that_closes_its_output(self):
        self.run_step("exec 1>&- 2>&-; exit 5")
        self.assertEqual(self.step["ExitCode"], 5)

    def test_one_that_stops_itself_times_out(self):
        self.run_step("kill -STOP $$", 'timeout = "1s"\nkill = { grace = "1s" }')
        self.assertEqual(self.outcome, "failed")
        self.assertIn("timed out", self.step["Error"])

    def test_one_that_dies_by_a_signal(self):
        self.run_step("kill -SEGV $$")
        self.assertEqual(self.step["Signal"], signal.SIGSEGV)
        self.assertIn("SIGSEGV", self.description["Reason"])

    def test_errors_before_exec_are_exact(self):
        for definition, error in (
                ('run = ["/usr/bin/no-such-program"]', "exec /usr/bin/no-such-program: No such file or directory"),
                ('run = ["true"]\ndirectory = "/no/such"', "directory /no/such: No such file or directory"),
                ('run = ["true"]\nuser = "nosuchuser"', "user nosuchuser: no such user")):
            with self.subTest(error):
                self.daemon.define("job", f'[[step]]\nname = "s"\n{definition}\n')
                if not self.daemon.process:
                    self.daemon.start()
                client = self.client()
                client.call("Reload")
                id = client.start("job")
                self.assertEqual(client.wait(id)[0], "failed")
                self.assertEqual(client.describe(id)["Steps"][0]["Error"], error)

    def test_a_child_gets_a_clean_environment_and_three_descriptors(self):
        self.daemon.environment["SECRET_OF_THE_DAEMON"] = "x"
        self.run_step("env; ls -l /proc/self/fd | awk 'NR > 1 {print $9}'", 'result = "lines"\nuser = "nobody"\nenvironment = { MINE = "1" }')
        self.assertEqual(self.outcome, "succeeded", self.step)
        names = {line.split("=")[0] for line in self.result if "=" in line}
        self.assertLessEqual({"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "MINE", "TAKT_PROCESS", "TAKT_EXECUTION",
                              "TAKT_STEP", "TAKT_ATTEMPT", "TAKT_CONTEXT", "TAKT_RESULT", "TAKT_WORKDIR"}, names)
        self.assertLessEqual(names, {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "MINE", "TAKT_PROCESS",
                                     "TAKT_EXECUTION", "TAKT_STEP", "TAKT_ATTEMPT", "TAKT_CONTEXT", "TAKT_RESULT",
                                     "TAKT_WORKDIR", "PWD", "OLDPWD", "SHLVL", "_"})
        self.assertIn("USER=nobody", self.result)
        self.assertEqual([line for line in self.result if line.isdigit()], ["0", "1", "2", "3"], "3 is ls's own")

    def test_what_it_left_is_removed_with_its_history(self):
        self.run_step("echo x > file; ln -s /etc/passwd link; pwd > $TAKT_RESULT.txt; printf '\"%s\"' \"$TAKT_WORKDIR\" > $TAKT_RESULT")
        work = self.result
        self.assertTrue(os.path.exists(os.path.join(work, "file")))
        self.daemon.define("job", 'keep = { runs = 1 }\n[[step]]\nname = "s"\nrun = ["true"]\n')
        self.client_.call("Reload")
        for _ in range(3):
            self.client_.wait(self.client_.start("job"))
        harness.until(lambda: not os.path.exists(work), "the work directory to go")


class ChildrenWithCgroups(Children):
    runner_options = ["--cgroup=yes"]


if __name__ == "__main__":
    unittest.main()
