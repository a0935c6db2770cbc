"""Triggers that other executions and the bus set off: ends, events, signals of services that come and go."""

import json
import unittest

from gi.repository import Gio, GLib

import harness

STEP = '\n[[step]]\nname = "note"\nrun = ["true"]\n'
POWER = "org.freedesktop.UPower"
POWER_PATH = "/org/freedesktop/UPower"
ON_BATTERY = ('[[trigger]]\ndbus = { sender = "org.freedesktop.UPower", interface = '
              '"org.freedesktop.DBus.Properties", member = "PropertiesChanged", object = "/org/freedesktop/UPower", '
              'args = ["org.freedesktop.UPower"] }\nwhen = "trigger.args[2].OnBattery == true"\n')


class Service:
    """A client that owns a name, and sends signals as a service does."""

    def __init__(self, address, name=None):
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        if name:
            self.ask("RequestName", "(su)", name, 0)

    def ask(self, method, signature, *arguments):
        return self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
            GLib.Variant(signature, arguments) if signature else None, None, Gio.DBusCallFlags.NONE, -1, None)

    def power(self, on_battery):
        changed = {"OnBattery": GLib.Variant("b", on_battery)}
        self.connection.emit_signal(None, POWER_PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                    GLib.Variant("(sa{sv}as)", (POWER, changed, [])))
        self.ask("GetId", None)  # the bus has had the signal when it answers this

    def probe(self):
        self.connection.emit_signal(None, POWER_PATH, "org.taktd.Probe", "Probe", None)
        self.ask("GetId", None)

    def close(self):
        if not self.connection.is_closed():
            self.connection.close_sync(None)


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


PROBE = ('[[trigger]]\ndbus = { sender = "org.freedesktop.UPower", interface = "org.taktd.Probe", member = "Probe" }\n')


class Signals(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.daemon.define("battery", ON_BATTERY + STEP)
        self.daemon.define("probe", 'overlap = "allow"\nmax_instances = 100\n' + PROBE + STEP)

    def service(self, name=None):
        service = Service(self.bus.address, name)
        self.addCleanup(service.close)
        return service

    def rows(self, name):
        return self.client_.executions(process=name)

    def begin(self, power):
        """Until what the service sends is heard: from then on nothing of it is lost."""
        self.daemon.start()
        self.client_ = self.client()
        self.heard(power)

    def heard(self, power):
        """All that was sent before this is recorded: signals come in order."""
        before = len(self.rows("probe"))

        def one_more():
            power.probe()
            return len(self.rows("probe")) > before
        harness.until(one_more, "the probe")

    def outcomes(self, name="battery"):
        ids = [row[0] for row in self.rows(name)]
        return [self.client_.wait(id)[0] for id in reversed(ids)]

    def test_only_the_owner_of_the_name_is_heard(self):
        power, stranger = self.service(POWER), self.service()
        self.begin(power)
        stranger.power(True)
        power.power(False)
        power.power(True)
        self.heard(power)
        self.assertEqual(self.outcomes(), ["skipped", "succeeded"], "the guard's, and the true one; none of the stranger's")

    def test_a_service_that_comes_again_is_heard(self):
        first = self.service(POWER)
        self.begin(first)
        first.close()
        again = self.service(POWER)
        again.power(True)
        self.heard(again)
        self.assertEqual(self.outcomes(), ["succeeded"])

    def test_a_trigger_that_comes_by_a_reload_is_heard_and_one_that_went_is_not(self):
        power = self.service(POWER)
        self.begin(power)
        self.daemon.define("battery", ON_BATTERY.replace("[[trigger]]", "[[trigger]]\nenabled = false") + STEP)
        self.daemon.define("other", ON_BATTERY + STEP)
        self.client_.call("Reload")
        self.heard(power)
        power.power(True)
        self.heard(power)
        self.assertEqual((self.outcomes("battery"), self.outcomes("other")), ([], ["succeeded"]))

    def test_a_burst_loses_nothing(self):
        power = self.service(POWER)
        self.begin(power)
        for _ in range(500):
            power.power(True)
        self.heard(power)
        self.assertEqual(len(self.outcomes()), 500)

    def test_without_a_session_bus_it_says_so(self):
        self.daemon.environment["DBUS_SESSION_BUS_ADDRESS"] = ""
        self.daemon.define("screen", '[[trigger]]\ndbus = { bus = "session", sender = "org.a", interface = "org.a.B", '
                           'member = "C" }\n' + STEP)
        self.daemon.start()
        self.assertIn("screen: trigger 'dbus session org.a org.a.B.C'", self.daemon.log_text())


if __name__ == "__main__":
    unittest.main()
