"""Executions that wait for the machine: for a path, and for what services say on the bus."""

import os
import unittest

from gi.repository import Gio, GLib

import harness

STEP = '\n[[step]]\nname = "note"\nrun = ["true"]\n'


class Service:
    """Owns a name on the bus and one object there; its properties are `facts`."""

    def __init__(self, address, name, path, interface, facts):
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        self.path, self.interface, self.facts = path, interface, facts
        members = "".join(f'<property name="{key}" type="{value.get_type_string()}" access="read"/>'
                          for key, value in facts.items())
        node = Gio.DBusNodeInfo.new_for_xml(f'<node><interface name="{interface}">{members}</interface></node>')
        self.connection.register_object(path, node.interfaces[0], None,
                                        lambda *call: self.facts[call[4]], None)
        self.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
                                  GLib.Variant("(su)", (name, 0)), None, Gio.DBusCallFlags.NONE, -1, None)

    def set(self, **facts):
        self.facts.update(facts)
        self.connection.emit_signal(None, self.path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                    GLib.Variant("(sa{sv}as)", (self.interface, facts, [])))

    def close(self):
        self.connection.close_sync(None)


class Constraints(harness.TestCase):
    def waits_for(self, client, execution, text):
        """Until the record of a queued execution says so. Services of this test answer meanwhile."""
        def said():
            while GLib.MainContext.default().iteration(False):
                pass
            told = client.describe(execution)
            self.assertEqual(told["State"], "queued", told)
            return text in told["Reason"]
        harness.until(said, f"'{text}'")

    def test_a_path_is_waited_for_also_over_a_crash_and_why_says_so(self):
        path = self.path("mounted")
        self.daemon.define("job", f'[constraints]\npath_exists = "{path}"\n' + STEP)
        self.daemon.start()
        client = self.client()
        execution = client.start("job")
        self.waits_for(client, execution, f"path_exists = {path}: there is no such path")
        self.assertIn("there is no such path", self.taktctl("why", "job").stdout)
        self.assertIn("there is no such path", self.taktctl_json("why", "job")["firings"][0]["reason"])
        self.daemon.kill()
        self.daemon.start()
        client = self.client()
        self.waits_for(client, execution, "there is no such path")
        os.mkdir(path)
        self.assertEqual(client.wait(execution)[0], "succeeded")
        self.assertNotIn("Reason", client.describe(execution))

    def test_services_say_when_it_may_start(self):
        self.daemon.define("job", '[constraints]\nunit_active = "db.service"\nidle = "1min"\n' + STEP)
        self.daemon.start()
        client = self.client()
        execution = client.start("job")
        self.waits_for(client, execution, "idle = 1min: logind says nothing")
        logind = Service(self.bus.address, "org.freedesktop.login1", "/org/freedesktop/login1",
                         "org.freedesktop.login1.Manager",
                         {"IdleHint": GLib.Variant("b", False), "IdleSinceHint": GLib.Variant("t", 0)})
        self.addCleanup(logind.close)
        systemd = Service(self.bus.address, "org.freedesktop.systemd1", "/org/freedesktop/systemd1/unit/db_2eservice",
                          "org.freedesktop.systemd1.Unit", {"ActiveState": GLib.Variant("s", "activating")})
        self.addCleanup(systemd.close)
        systemd.set(ActiveState=GLib.Variant("s", "inactive"))
        self.waits_for(client, execution, "unit_active = db.service: it is inactive")
        systemd.set(ActiveState=GLib.Variant("s", "active"))
        self.waits_for(client, execution, "waits for idle = 1min: ")
        logind.set(IdleHint=GLib.Variant("b", True), IdleSinceHint=GLib.Variant("t", 1))
        client.until_signal("ExecutionFinished", lambda id, *_: id == execution)
        self.assertEqual(client.describe(execution)["State"], "succeeded")

    def test_a_blackout_is_waited_out_or_skipped(self):
        self.daemon.define("job", '[constraints]\nnot_between = { from = "*:*:*", to = "2199-01-01" }\n'
                           'max_wait = "100ms"\n' + STEP)
        self.daemon.start()
        client = self.client()
        execution = client.start("job")
        self.assertEqual(client.wait(execution)[0], "skipped")
        self.assertRegex(client.describe(execution)["Reason"], r"^constraint: not_between = .*: until 2199-01-01T00:00:00Z; "
                         "max_wait, 100ms, is over$")
        self.assertIn("max_wait", self.taktctl("why", "job").stdout)


if __name__ == "__main__":
    unittest.main()
