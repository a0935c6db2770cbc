"""Every trigger kind fires, and everybody who listens sees the same as the history says."""

import os
import subprocess
import unittest

import harness

STEP = '\n[[step]]\nname = "note"\nrun = ["true"]\n'


class Triggers(harness.TestCase):
    def fired(self, definition, kind, act=None):
        self.daemon.define("job", definition + STEP)
        self.daemon.start()
        client = self.client()
        if act:
            act()
        id, process, trigger = client.until_signal("ExecutionQueued", lambda *a: a[1] == "job")
        self.assertEqual(trigger, kind)
        self.assertEqual(client.wait(id)[0], "succeeded")
        description = client.describe(id)
        self.assertEqual(description["TriggerKind"], kind)
        self.assertGreater(description["NominalUSec"], 0)
        return client, description

    def test_cron(self):
        self.fired('[[trigger]]\ncron = "* * * * * *"\n', "cron")

    def test_calendar(self):
        _, description = self.fired('[[trigger]]\ncalendar = "*-*-* *:*:*"\ntimezone = "Asia/Tehran"\n', "calendar")
        self.assertEqual(description["NominalUSec"] % 1_000_000, 0)

    def test_every(self):
        client, _ = self.fired('[[trigger]]\nevery = "200ms"\n', "every")
        client.until_signal("ExecutionFinished", lambda *a: a[0] >= 3)

    def test_at_fires_once_for_ever(self):
        import datetime
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
        client, _ = self.fired(f"[[trigger]]\nat = {at.isoformat(timespec='milliseconds')}\n", "at")
        self.daemon.stop()
        self.daemon.start()
        client = self.client()
        self.assertEqual(len(client.executions()), 1)
        self.assertEqual(client.call("ListUpcoming", "(a{sv}u)", {}, 10)[0], [])

    def test_boot_fires_once_a_boot(self):
        self.fired('[[trigger]]\nboot = "1ms"\n', "boot")
        self.daemon.kill()
        self.daemon.start()
        self.assertEqual(len(self.client().executions()), 1)

    def test_path(self):
        inbox = self.path("inbox")
        os.mkdir(inbox)

        def drop():
            with open(os.path.join(inbox, "ignored.txt"), "w") as file:
                file.write("x")
            with open(os.path.join(inbox, "re port;$(x).csv"), "w") as file:
                file.write("x")
        definition = f'''[[trigger]]
path = "{inbox}/*.csv"
settle = "100ms"
inputs = {{ file = "${{trigger.path}}" }}
[inputs.file]
type = "string"
[[step]]
name = "show"
run = ["printf", "%s", "${{inputs.file}}"]
result = "lines"
'''
        client, description = self.fired(definition, "path", drop)
        self.assertEqual(client.wait(description["ID"])[1], [os.path.join(inbox, "re port;$(x).csv")])
        self.assertEqual(len(client.executions()), 1)

    def test_path_batch_below_and_what_came_while_down(self):
        inbox = self.path("inbox")
        os.makedirs(os.path.join(inbox, "old"))

        def drop(*names):
            for name in names:
                os.makedirs(os.path.dirname(os.path.join(inbox, name)), exist_ok=True)
                with open(os.path.join(inbox, name), "w") as file:
                    file.write("x")
        drop("old/before.csv")
        self.daemon.define("job", f'''overlap = "queue"
[[trigger]]
path = "{inbox}/*.csv"
recursive = true
batch = true
settle = "200ms"
inputs = {{ files = "${{trigger.paths}}" }}
[inputs.files]
type = "array"
[[step]]
name = "show"
run = ["printf", "%s", "${{inputs.files[1]}} ${{#inputs.files}}"]
result = "lines"
''')
        self.daemon.start()
        client = self.client()
        drop("c.csv", "old/b.csv", "new/a.csv")
        id = client.until_signal("ExecutionQueued")[0]
        self.assertEqual(client.wait(id), ("succeeded", [f"{inbox}/c.csv 3"]))
        self.daemon.kill()
        drop("old/d.csv", "newer/e.csv")
        os.chmod(os.path.join(inbox, "c.csv"), 0o600)
        self.daemon.start()
        client = self.client()
        harness.until(lambda: len(client.executions()) == 2, "what came while it was down")
        self.assertEqual(client.wait(id + 1), ("succeeded", [f"{inbox}/newer/e.csv 2"]))
        self.daemon.stop()
        self.daemon.start()
        client = self.client()
        drop("f.csv")
        harness.until(lambda: len(client.executions()) == 3, "the next burst")
        self.assertEqual(client.wait(id + 2), ("succeeded", [f"{inbox}/f.csv 1"]))

    def test_path_modified_and_deleted(self):
        watched = self.path("watched")
        with open(watched, "w") as file:
            file.write("1")
        self.daemon.define("job", f'[[trigger]]\npath = "{watched}"\nevents = ["modified", "deleted"]\n'
                                  'inputs = { event = "${trigger.event}" }\n[inputs.event]\ntype = "string"\n' + STEP)
        self.daemon.start()
        client = self.client()
        with open(watched, "a") as file:
            file.write("2")
        first = client.until_signal("ExecutionFinished")[0]
        os.unlink(watched)
        second = client.until_signal("ExecutionFinished", lambda *a: a[0] > first)[0]
        self.assertIn("modified", client.describe(first)["Inputs"])
        self.assertIn("deleted", client.describe(second)["Inputs"])

    def test_pressure(self):
        try:
            with open("/proc/pressure/cpu", "r+b", buffering=0) as file:
                file.write(b"some 1000 2000000\0")
        except OSError as error:
            self.skipTest(f"/proc/pressure/cpu: {error}")

        def work():
            for _ in range(2 * os.cpu_count()):
                busy = subprocess.Popen(["sh", "-c", "while :; do :; done"])
                self.addCleanup(busy.wait)
                self.addCleanup(busy.kill)
        definition = '''[[trigger]]
pressure = "cpu"
stall = "1ms"
inputs = { total = "${trigger.total}" }
[inputs.total]
type = "integer"
'''
        _, description = self.fired(definition, "pressure", work)
        self.assertRegex(description["Inputs"], r'"total":\d+')

    def test_a_schedule_is_set_from_the_environment(self):
        self.daemon.environment["NIGHTLY_HOUR"] = "4"
        self.daemon.define("nightly", '[[trigger]]\ncron = "${env.NIGHTLY_MINUTE or 30} ${env.NIGHTLY_HOUR or 7} * * *"\n'
                                      'timezone = "${env.NIGHTLY_ZONE or \'Asia/Tehran\'}"\n' + STEP)
        self.daemon.start()
        self.assertRegex(self.daemon.log_text(), r"nightly: next run at \d{4}-\d\d-\d\d 04:30:00\+03:30")


class Signals(harness.TestCase):
    def test_a_listener_sees_what_the_history_says(self):
        self.daemon.define("job", "".join(f'[[step]]\nname = "s{i}"\nrun = ["true"]\n' for i in range(4)))
        self.daemon.start()
        listener, caller = self.client(), self.client()
        listener.subscribe()
        id = caller.start("job")
        listener.until_signal("ExecutionFinished")
        names = [name for name, arguments, _ in listener.signals if name.startswith(("Execution", "Step")) and arguments[0] == id]
        self.assertEqual(names, ["ExecutionQueued", "ExecutionStarted"] + ["StepStarted", "StepFinished"] * 4 + ["ExecutionFinished"])
        fractions = [arguments[2] for name, arguments, _ in listener.signals if name == "Progress"]
        self.assertEqual(fractions, sorted(set(fractions)))
        self.assertEqual(fractions[-1], 1.0)
        description = caller.describe(id)
        finished = {a[2]: a[3] for name, a, _ in listener.signals if name == "StepFinished"}
        self.assertEqual(finished, {step["Name"]: step["State"] for step in description["Steps"]})
        self.assertEqual(description["State"], "succeeded")

    def test_nobody_subscribed_nobody_hears_of_steps(self):
        self.daemon.define("job", STEP)
        self.daemon.start()
        client = self.client()
        client.wait(client.start("job"))
        client.until_signal("ExecutionFinished")
        self.assertFalse([name for name, _, _ in client.signals if name.startswith("Step")])

    def test_results_pass_from_step_to_step(self):
        self.daemon.define("job", r'''
[inputs.n]
type = "integer"
[[step]]
name = "list"
shell = 'printf "[1,2,%s]" "$TAKT_INPUT_N"'
result = "stdout"
[[step]]
name = "file"
shell = 'printf "{\"sum\": %s}" "$SUM" > "$TAKT_RESULT"'
environment = { SUM = "${steps.list.result[1] + steps.list.result[3]}" }
[[step]]
name = "skipped"
run = ["false"]
when = "steps.file.result.sum > 100"
[[step]]
name = "lines"
run = ["cat"]
stdin = "sum ${steps.file.result.sum}\nend"
result = "lines"
''')
        self.daemon.start()
        client = self.client()
        id = client.start("job", n=41)
        self.assertEqual(client.wait(id), ("succeeded", ["sum 42", "end"]))
        self.assertEqual([s["State"] for s in client.describe(id)["Steps"]], ["succeeded", "succeeded", "skipped", "succeeded"])

    def test_busctl_starts_a_process(self):
        self.daemon.define("job", STEP)
        self.daemon.start()
        reply = subprocess.run(["busctl", "--address=" + self.bus.address, "call", harness.NAME, harness.PATH, harness.MANAGER,
                                "StartProcess", "sa{sv}a{sv}", "job", "0", "0"], capture_output=True, text=True, check=True)
        self.assertEqual(reply.stdout.split()[:3], ["to", "1", '"/org/taktd/Takt1/execution/1"'])
        self.assertEqual(self.client().wait(1)[0], "succeeded")


if __name__ == "__main__":
    unittest.main()
