"""Triggers that other executions and the bus set off: ends, events, signals of services that come and go."""

import json
import unittest

from gi.repository import GLib

import harness
import hearing

STEP = '\n[[step]]\nname = "note"\nrun = ["true"]\n'
POWER = "org.freedesktop.UPower"
POWER_PATH = "/org/freedesktop/UPower"
ON_BATTERY = ('[[trigger]]\ndbus = { sender = "org.freedesktop.UPower", interface = '
              '"org.freedesktop.DBus.Properties", member = "PropertiesChanged", object = "/org/freedesktop/UPower", '
              'args = ["org.freedesktop.UPower"] }\nwhen = "trigger.args[2].OnBattery == true"\n')


class Chains(harness.TestCase):
    def test_the_end_of_one_starts_another_and_tells_it_why(self):
        self.daemon.define("job", '[[step]]\nname = "fail"\nrun = ["false"]\n')
        self.daemon.define("notify", '[[trigger]]\nafter = "*"\noutcome = "failed"\n[[step]]\nname = "say"\n'
                           'result = "stdout"\nrun = ["printf", "%s", \'"${trigger.process} ${trigger.step}"\']\n')
        self.daemon.start()
        client = self.client()
        self.assertEqual(client.wait(client.start("job"))[0], "failed")
        id, _, _ = client.until_signal("ExecutionQueued", lambda *a: a[1] == "notify")
        self.assertEqual(client.wait(id), ("succeeded", "job fail"))
        self.assertEqual(client.describe(id)["TriggerKind"], "after")

    def test_what_ended_before_a_crash_is_followed_once(self):
        self.daemon.define("job", '[[step]]\nname = "a"\nrun = ["true"]\n')
        self.daemon.define("next", '[[trigger]]\nafter = "job"\n' + STEP + 'on_interrupt = "retry"\n')
        self.daemon.start()
        client = self.client()
        client.wait(client.start("job"))
        self.daemon.kill()
        self.daemon.start()
        client = self.client()
        harness.until(lambda: [row[0] for row in client.executions(process="next", states=["succeeded"])],
                      "the end of what follows")
        self.assertEqual(len(client.executions(process="next")), 1)

    def test_an_event_starts_what_it_matches_and_says_how_many(self):
        self.daemon.define("deploy", '[[trigger]]\nevent = "built"\nmatch = { branch = "main" }\n'
                           'inputs = { n = "${trigger.payload.n}" }\n[inputs.n]\ntype = "string"\n' + STEP)
        self.daemon.start()
        client = self.client()
        payload = {"branch": GLib.Variant("s", "topic"), "n": GLib.Variant("s", "1")}
        self.assertEqual(client.call("Emit", "(sa{sv})", "built", payload)[0], 0)
        payload = {"branch": GLib.Variant("s", "main"), "n": GLib.Variant("s", "$(x)")}
        self.assertEqual(client.call("Emit", "(sa{sv})", "built", payload)[0], 1)
        id, _, kind = client.until_signal("ExecutionQueued")
        self.assertEqual((kind, client.wait(id)[0]), ("event", "succeeded"))
        self.assertEqual(json.loads(client.describe(id)["Inputs"]), {"n": "$(x)"})


class Signals(hearing.TestCase):
    def setUp(self):
        super().setUp()
        self.daemon.define("battery", ON_BATTERY + STEP)

    def power(self, service, on_battery):
        service.change(POWER_PATH, POWER, OnBattery=GLib.Variant("b", on_battery))

    def test_only_the_owner_of_the_name_is_heard(self):
        power, stranger = self.service(POWER), self.service()
        self.begin(power)
        self.power(stranger, True)
        self.power(power, False)
        self.power(power, True)
        self.heard(power)
        self.assertEqual(self.outcomes("battery"), ["skipped", "succeeded"], "the guard's, and the true one; none of the stranger's")

    def test_a_service_that_comes_again_is_heard(self):
        first = self.service(POWER)
        self.begin(first)
        first.close()
        again = self.service(POWER)
        self.power(again, True)
        self.heard(again)
        self.assertEqual(self.outcomes("battery"), ["succeeded"])

    def test_a_trigger_that_comes_by_a_reload_is_heard_and_one_that_went_is_not(self):
        power = self.service(POWER)
        self.begin(power)
        self.daemon.define("battery", ON_BATTERY.replace("[[trigger]]", "[[trigger]]\nenabled = false") + STEP)
        self.daemon.define("other", ON_BATTERY + STEP)
        self.client_.call("Reload")
        self.heard(power)
        self.power(power, True)
        self.heard(power)
        self.assertEqual((self.outcomes("battery"), self.outcomes("other")), ([], ["succeeded"]))

    def test_a_burst_loses_nothing(self):
        power = self.service(POWER)
        self.begin(power)
        for _ in range(500):
            self.power(power, True)
        self.heard(power)
        self.assertEqual(len(self.outcomes("battery")), 500)

    def test_without_a_session_bus_it_says_so(self):
        self.daemon.environment["DBUS_SESSION_BUS_ADDRESS"] = ""
        self.daemon.define("screen", '[[trigger]]\ndbus = { bus = "session", sender = "org.a", interface = "org.a.B", '
                           'member = "C" }\n' + STEP)
        self.daemon.start()
        self.assertIn("screen: trigger 'dbus session org.a org.a.B.C'", self.daemon.log_text())


if __name__ == "__main__":
    unittest.main()
