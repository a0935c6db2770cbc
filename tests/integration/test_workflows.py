"""Workflows on the real programs: order, repetition, nesting, approvals, undo, pools, versions; and what must not get
through."""

import json
import os
import unittest

import harness
import servers


def step(name, action, **keys):
    lines = [f'name = "{name}"', action] + [f"{key} = {value}" for key, value in keys.items()]
    return "\n[[step]]\n" + "\n".join(lines) + "\n"


class Workflows(harness.TestCase):
    def define(self, **texts):
        for name, text in texts.items():
            self.daemon.define(name, text)
        self.daemon.start()
        return self.client()

    def note(self, text):
        """A shell line that appends to the log of this test; lines of that length are written whole."""
        return f"echo {text} >> {self.path('log')}"

    def log(self):
        if not os.path.exists(self.path("log")):
            return []
        with open(self.path("log")) as file:
            return file.read().splitlines()

    def states(self, id):
        return {one["name"]: one["state"] for one in self.taktctl_json("status", str(id))["steps"]}

    def test_a_diamond(self):
        client = self.define(p=step("a", "run = ['true']") +
                             step("b", f"shell = '{self.note('b')}'", needs="['a']") +
                             step("c", f"shell = '{self.note('c')}'", needs="['a']") +
                             step("d", f"shell = '{self.note('d')}'", needs="['b', 'c']"))
        self.assertEqual(client.wait(client.start("p"))[0], "succeeded")
        self.assertEqual(sorted(self.log()[:2]), ["b", "c"])
        self.assertEqual(self.log()[2:], ["d"])

    def test_a_thousand_items_eight_at_a_time(self):
        many = self.path("now")
        os.mkdir(many)
        count = f': > {many}/$$; set -- {many}/*; echo $# > "$TAKT_RESULT"; rm {many}/$$'
        client = self.define(p="[inputs.n]\ntype = 'array'\n" +
                             step("each", f"shell = '''{count}'''", for_each="'inputs.n'", max_parallel=8) +
                             step("sum", "set = { greatest = '${steps.each.result}' }"))
        numbers = [str(n) for n in range(1000)]
        outcome, _ = client.wait(client.start("p", n=numbers))
        self.assertEqual(outcome, "succeeded")
        each = self.taktctl_json("status", "1")["steps"][0]
        self.assertEqual(len(each["result"]), 1000)
        self.assertLessEqual(max(each["result"]), 8)
        self.assertGreater(max(each["result"]), 1)

    def test_a_loop_ends_at_max_visits(self):
        client = self.define(p=step("check", "run = ['false']", max_visits=3, on_failure="'mend'") +
                             step("mend", f"shell = '{self.note('mend')}'", on_success="'check'"))
        self.assertEqual(client.wait(client.start("p"))[0], "failed")
        self.assertEqual(self.log(), ["mend"] * 3)
        ended = self.taktctl_json("status", "1")
        self.assertEqual(ended["error_step"], "check")
        self.assertIn("max_visits is 3", ended["reason"])

    def test_three_deep_cancelled_from_the_top(self):
        there = self.fifo("there")
        client = self.define(top=step("a", "process = 'middle'"), middle=step("b", "process = 'bottom'"),
                             bottom=step("c", f"shell = 'sleep 1000 & echo $! > {there}; wait'"))
        id = client.start("top")
        pid = int(self.read_fifo(there))
        self.assertEqual(len(client.executions(states=["running"])), 3)
        client.control("Cancel", id)
        self.assertEqual([client.wait(one)[0] for one in (1, 2, 3)], ["cancelled"] * 3)
        harness.until(lambda: not harness.alive(pid), "the death of the child's child")

    def test_a_nested_result_is_the_steps(self):
        client = self.define(outer=step("a", "process = 'inner'\ninputs = { n = '${20 + 1}' }"),
                             inner="[inputs.n]\ntype = 'integer'\n" + step("b", "set = { twice = '${inputs.n * 2}' }"))
        self.assertEqual(client.wait(client.start("outer")), ("succeeded", {"twice": 42}))

    def test_approvals_over_the_bus(self):
        text = step("ask", "approve = { message = 'Send to ${inputs.to}?' }") + \
            step("send", f"shell = '{self.note('sent')}'") + "[inputs.to]\ntype = 'string'\n"
        client = self.define(p="overlap = 'queue'\n" + text)
        for verb, outcome in (("approve", "succeeded"), ("reject", "failed")):
            id = client.start("p", to="x; rm -rf '/'")
            client.until_signal("StepWaiting", lambda execution, *_: execution == id)
            self.assertEqual(self.states(id)["ask"], "waiting")
            self.assertIn("Send to x; rm -rf '/'?", self.taktctl("status", str(id), status=None).stdout)
            self.taktctl(verb, str(id), "ask", "--comment", "as agreed")
            self.assertEqual(client.wait(id)[0], outcome)
        self.assertEqual(self.log(), ["sent"])
        self.assertIn("as agreed", self.taktctl_json("status", "2")["reason"])
        self.assertNotEqual(self.taktctl("approve", "2", "ask", status=None).returncode, 0)

    def test_a_rollback_that_is_killed_goes_on_and_undoes_each_once(self):
        gate = self.fifo("gate")
        undo = [f"undo = ['sh', '-c', '{self.note(name)}']" for name in "abc"]
        undo[1] = f"undo = ['sh', '-c', '{self.note('b begins')}; read x < {gate}; {self.note('b')}']"
        text = "".join(step(name, "run = ['true']\n" + line) for name, line in zip("abc", undo))
        client = self.define(p=text)
        self.assertEqual(client.wait(client.start("p"))[0], "succeeded")
        client.call("RollbackExecution", "(ta{sv})", 1, {})
        harness.until(lambda: self.log() == ["c", "b begins"], "the second undo")
        self.daemon.kill()
        self.daemon.start()
        client = self.client()
        self.tell_fifo(gate)
        self.assertEqual(client.wait(1)[0], "succeeded")
        self.assertEqual(self.log(), ["c", "b begins", "b", "a"])
        self.assertEqual(self.states(1), {name: "undone" for name in "abc"})

    def test_a_failure_is_undone_and_finally_runs(self):
        client = self.define(p=step("a", f"run = ['true']\nundo = ['sh', '-c', '{self.note('undo')}']") +
                             step("b", "run = ['false']") +
                             f"\n[[finally]]\nname = 'f'\nshell = '''{self.note('$OUTCOME')}'''\n"
                             "environment = { OUTCOME = '${execution.outcome}' }\n")
        self.assertEqual(client.wait(client.start("p"))[0], "failed")
        self.assertEqual(self.log(), ["undo", "failed"])

    # ---- What must not get through

    def test_inputs_arrive_as_one_argument_unchanged(self):
        evil = ["it's \"quoted\"", "$(touch /tmp/owned) `id` ${HOME} %s %n", "two\nlines\n", "-rf", "--", "x" * 65536, "ü🙂", "\\"]
        client = self.define(p="overlap = 'queue'\n[inputs.x]\ntype = 'string'\n" +
                             step("show", "run = ['/usr/bin/python3', '-c', 'import json, os, sys; "
                                  "json.dump([sys.argv[1:], os.environ[\"TAKT_INPUT_X\"]], open(os.environ[\"TAKT_RESULT\"], \"w\"))'"
                                  ", '${inputs.x}']"))
        for text in evil:
            self.assertEqual(client.wait(client.start("p", x=text)), ("succeeded", [[text], text]))

    def test_an_expression_that_takes_too_much_fails_its_step_alone(self):
        huge = " .. ".join(["inputs.x"] * 180)
        client = self.define(p="fail_fast = false\n[inputs.x]\ntype = 'string'\n" +
                             step("space", f"set = {{ x = '${{{huge}}}' }}", needs="[]") +
                             step("other", f"shell = '{self.note('other')}'", needs="[]"))
        self.assertEqual(client.wait(client.start("p", x="x" * 100_000))[0], "failed")
        self.assertEqual(self.states(1), {"space": "failed", "other": "succeeded"})
        self.assertIn("too much memory", self.taktctl_json("status", "1")["reason"])

    def test_an_expression_cannot_say_a_loop(self):
        self.daemon.define("p", step("a", "run = ['true']", when="'(function() while true do end end)()'"))
        done = self.taktctl("check", os.path.join(self.daemon.processes, "p.toml"), status=None)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("only an expression is allowed", done.stdout + done.stderr)

    # ---- Actions

    def test_http_and_call_give_what_was_answered(self):
        server = servers.Http()
        self.addCleanup(server.close)
        client = self.define(p=step("ask", f"http = {{ url = '{server.url('/x')}', method = 'POST', body = {{ n = 1 }} }}") +
                             step("names", "call = { service = 'org.freedesktop.DBus', path = '/org/freedesktop/DBus', "
                                  "interface = 'org.freedesktop.DBus', method = 'GetNameOwner', signature = 's', "
                                  "args = ['org.freedesktop.DBus'] }"))
        self.assertEqual(client.wait(client.start("p")), ("succeeded", "org.freedesktop.DBus"))
        self.assertEqual(self.taktctl_json("status", "1")["steps"][0]["result"]["status"], 200)

    def test_an_event_wakes_who_waits_for_it(self):
        client = self.define(p=step("wait", "wait = { event = 'paid', match = { order = 7 } }"),
                             q=step("tell", "emit = { event = 'paid', payload = { order = 8 } }"))
        id = client.start("p")
        client.wait(client.start("q"))
        self.assertEqual(self.states(id), {"wait": "waiting"})
        self.taktctl("emit", "paid", "--payload", '{"order": 7, "sum": 3}')
        self.assertEqual(client.wait(id), ("succeeded", {"order": 7, "sum": 3}))

    # ---- Shared and kept

    def test_a_pool_bounds_steps_of_all_processes(self):
        with open(self.daemon.config, "w") as file:
            file.write("[pools]\ndisk = 2\n")
        count = f'touch {self.folder}/in.$$; ls {self.folder}/in.* | wc -l > "$TAKT_RESULT"; rm {self.folder}/in.$$'
        text = step("each", f"shell = '''{count}'''", for_each="'{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}'", max_parallel=10, pool="'disk'")
        client = self.define(p=text, q=text)
        ids = [client.start(name) for name in "pq"]
        results = [n for id in ids for n in client.wait(id)[1]]
        self.assertLessEqual(max(results), 2)

    def test_a_kept_result_is_used_until_it_is_cleared(self):
        client = self.define(p=step("a", f"shell = '''{self.note('ran')}; echo 5 > $TAKT_RESULT'''", cache="{ key = 'k', ttl = '1h' }"))
        self.assertEqual(client.wait(client.start("p")), ("succeeded", 5))
        self.daemon.kill()
        self.daemon.start()
        client = self.client()
        self.assertEqual(client.wait(client.start("p")), ("succeeded", 5))
        self.assertEqual(self.states(2), {"a": "cached"})
        self.taktctl("cache", "clear", "p")
        client.wait(client.start("p"))
        self.assertEqual(self.log(), ["ran", "ran"])

    def test_variants_are_counted(self):
        client = self.define(p="overlap = 'allow'\nmax_instances = 50\n[[step]]\nname = 'a'\n"
                             "variants = [{ name = 'x', run = ['true'] }, { name = 'y', run = ['true'] }]\n")
        for id in [client.start("p") for _ in range(40)]:
            client.wait(id)
        steps = self.taktctl_json("stats", "p")["steps"]
        self.assertEqual({one["variant"] for one in steps}, {"x", "y"})
        self.assertEqual(sum(one["outcomes"]["succeeded"] for one in steps), 40)

    def test_generated_steps(self):
        steps = json.dumps([{"name": "g1", "shell": self.note("g1")}, {"name": "g2", "shell": self.note("g2")}])
        client = self.define(p=step("plan", f"shell = '''cat > $TAKT_RESULT <<'END'\n{steps}\nEND\n'''", generate="true") +
                             step("last", f"shell = '{self.note('last')}'"))
        self.assertEqual(client.wait(client.start("p"))[0], "succeeded")
        self.assertEqual(self.log(), ["g1", "g2", "last"])

    # ---- Versions and control

    def test_versions_are_told_apart_and_started(self):
        client = self.define(p=step("a", "set = { n = 1 }"))
        self.assertEqual(client.wait(client.start("p"))[1], {"n": 1})
        old = self.taktctl_json("versions", "p")[0]["version"]
        self.daemon.define("p", step("a", "set = { n = 2 }"))
        self.taktctl("reload")
        self.assertEqual(client.wait(client.start("p"))[1], {"n": 2})
        self.taktctl("start", "p", "--version", old[:8], "--wait")
        self.assertEqual(client.wait(3)[1], {"n": 1})
        new = self.taktctl_json("versions", "p")[0]["version"]
        self.assertNotEqual(new, old)
        self.assertIn("-set = { n = 1 }", self.taktctl("diff", "p", old[:8], new[:8], status=None).stdout)

    def test_a_key_starts_once(self):
        client = self.define(p=step("a", "run = ['true']"))
        for _ in range(3):
            self.assertEqual(self.taktctl("start", "p", "--key", "order-7").stdout.strip(), "1")
        client.wait(1)
        self.daemon.kill()
        self.daemon.start()
        self.taktctl("start", "p", "--key", "order-7")
        self.assertEqual(len(self.client().executions()), 1)

    def test_the_next_firing_is_skipped(self):
        self.define(p="[[trigger]]\nevery = '300ms'\n" + step("a", "run = ['true']"))
        self.taktctl("disable", "p")
        before = len(self.taktctl_json("history", "p"))  # what fired until then, on a busy machine
        self.taktctl("skip", "p")
        self.taktctl("enable", "p")
        history = lambda: [one["state"] for one in reversed(self.taktctl_json("history", "p"))][before:]
        harness.until(lambda: "succeeded" in history(), "a firing that runs")
        self.assertEqual((history()[0], history().count("skipped")), ("skipped", 1))

    def test_a_start_for_later_waits_and_is_cancelled(self):
        client = self.define(p=step("a", "run = ['true']"))
        self.taktctl("start", "p", "--at", "2099-01-01T00:00:00Z")
        self.assertEqual(client.describe(1)["State"], "queued")
        self.daemon.kill()
        self.daemon.start()
        client = self.client()
        self.assertEqual(client.describe(1)["State"], "queued")
        client.control("Cancel", 1)
        self.assertEqual(client.wait(1)[0], "cancelled")

    def test_one_item_is_retried(self):
        flag = self.path("flag")
        client = self.define(p=step("a", f"shell = '''{self.note('$ITEM')}; [ $ITEM != y -o -e {flag} ]'''", for_each="\"{'x', 'y', 'z'}\"",
                                    max_parallel=3, fail_fast="false", environment="{ ITEM = '${item}' }"))
        self.assertEqual(client.wait(client.start("p"))[0], "failed")
        open(flag, "w").close()
        self.taktctl("retry", "1", "--step", "a", "--item", "1")
        self.assertEqual(client.wait(1)[0], "succeeded")
        self.assertEqual(sorted(self.log()), ["x", "y", "y", "z"])

    def test_a_graph_shows_the_states(self):
        client = self.define(p=step("a", "run = ['true']") + step("b", "run = ['false']"))
        client.wait(client.start("p"))
        self.assertIn("failed", self.taktctl("graph", "1").stdout)
        self.assertIn("digraph", self.taktctl("graph", "p", "--format=dot").stdout)
        self.assertIn("a", self.taktctl("graph", "p", "--format=mermaid").stdout)
        json.loads(self.taktctl("graph", "1", "--format=json").stdout)


if __name__ == "__main__":
    unittest.main()
