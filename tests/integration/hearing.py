"""Tests of what the daemon hears on a bus: services to hear, and how to know that all they sent is recorded."""

import json

from gi.repository import Gio, GLib

import harness

PROBE = "org.taktd.Probe"


class Service:
    """A client of a bus that owns a name, or none, and sends signals as a service does."""

    def __init__(self, address, name=None):
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        self.name = name
        if name:
            self._ask("RequestName", GLib.Variant("(su)", (name, 0)))

    def _ask(self, method, arguments=None):
        self.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method, arguments,
                                  None, Gio.DBusCallFlags.NONE, -1, None)

    def emit(self, path, interface, member, signature="()", *arguments):
        self.connection.emit_signal(None, path, interface, member, GLib.Variant(signature, arguments))
        self._ask("GetId")  # the bus has had the signal when it answers this

    def change(self, path, interface, **properties):
        """PropertiesChanged, as a service sends it."""
        self.emit(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", "(sa{sv}as)", interface, properties, [])

    def close(self):
        if not self.connection.is_closed():
            self.connection.close_sync(None)


class TestCase(harness.TestCase):
    probes = 0

    def service(self, name=None):
        service = Service(self.bus.address, name)
        self.addCleanup(service.close)
        return service

    def begin(self, *services, bus="system"):
        """Until what the services send is heard: from then on nothing of it is lost."""
        for service in services:
            self.daemon.define(self._probe(service.name), f'''overlap = "allow"
max_instances = 100
[[trigger]]
dbus = {{ bus = "{bus}", sender = "{service.name}", interface = "{PROBE}", member = "Probe" }}
inputs = {{ number = "${{trigger.args[1]}}" }}
[inputs.number]
type = "integer"
[[step]]
name = "none"
set = {{ none = 0 }}
''')
        self.daemon.start()
        self.client_ = self.client()
        for service in services:
            harness.until(lambda: self._send_probe(service) and self._last_probe(service.name), "the first probe")
            self.heard(service)

    def heard(self, service):
        """All that the bus had before this is recorded when its signal is: the bus keeps their order."""
        number = self._send_probe(service)
        harness.until(lambda: self._last_probe(service.name) == number, "the probe")

    def _probe(self, name):
        return "probe-" + name.lower()

    def _send_probe(self, service):
        self.probes += 1
        service.emit("/", PROBE, "Probe", "(u)", self.probes)
        return self.probes

    def _last_probe(self, name):
        rows = self.client_.executions(process=self._probe(name))
        return rows and json.loads(self.client_.describe(rows[0][0])["Inputs"])["number"]

    def outcomes(self, process):
        return [self.client_.wait(row[0])[0] for row in reversed(self.client_.executions(process=process))]
