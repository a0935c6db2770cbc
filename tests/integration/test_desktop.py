"""The examples that hear a desktop's services, as they ship: mocks that own the services' names on a bus with the system's
rules send the signals that those send. Names, paths and signatures are those of org.freedesktop.login1(5), of UPower's,
NetworkManager's and UDisks's reference manuals, and of the two screen savers' interfaces."""

import os
import pwd
import shutil
import unittest

from gi.repository import GLib

import harness
import hearing

LOGIN, LOGIN_PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
POWER, POWER_PATH = "org.freedesktop.UPower", "/org/freedesktop/UPower"
NETWORK, NETWORK_PATH = "org.freedesktop.NetworkManager", "/org/freedesktop/NetworkManager"
DISKS, DISK_PATH = "org.freedesktop.UDisks2", "/org/freedesktop/UDisks2/block_devices/sdb1"
FREEDESKTOP, GNOME = "org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver"
FREEDESKTOP_PATH, GNOME_PATH = "/org/freedesktop/ScreenSaver", "/org/gnome/ScreenSaver"

# What Debian's /usr/share/dbus-1/system.conf says, and the daemon's own policy; root may own the services' names.
RULES = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <auth>EXTERNAL</auth>
  <listen>unix:path={folder}/system-bus</listen>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <policy user="{uid}"><allow own_prefix="org.freedesktop"/></policy>
  <include>{source}/dbus/org.taktd.Takt1.conf</include>
</busconfig>
"""


class Example(hearing.TestCase):
    def load(self, example):
        """The example, byte by byte; its commands are found in a folder where each but writes down that it ran."""
        self.example = example
        shutil.copyfile(os.path.join(harness.SOURCE, "examples", example + ".toml"),
                        os.path.join(self.daemon.processes, example + ".toml"))
        drop_ins = os.path.join(self.daemon.processes, example + ".toml.d")
        os.makedirs(drop_ins)
        with open(os.path.join(drop_ins, "commands.toml"), "w") as file:
            file.write(f'[environment]\nPATH = "{self.path("commands")}"\n')
        os.makedirs(self.path("commands"))
        for command in ("gpgconf", "logger", "rsync", "sendmail", "sync", "systemctl"):
            path = os.path.join(self.path("commands"), command)
            with open(path, "w") as file:
                file.write(f'#!/bin/sh\nprintf "%s\\n" "{command} $*" >> {self.path("ran")}\n')
            os.chmod(path, 0o755)

    def ran(self):
        with open(self.path("ran")) as file:
            return file.read().splitlines()


class System(Example):
    """The system's daemon."""

    def new_bus(self):
        rules = self.path("system-bus.conf")
        with open(rules, "w") as file:
            file.write(RULES.format(folder=self.folder, uid=os.getuid(), source=harness.SOURCE))
        return harness.Bus("--config-file=" + rules)

    def check(self, name, quiet, fires, ran, skipped):
        """Only the last signal fires, and only when its owner sends it; the guard skips `skipped` of the quiet ones."""
        service, stranger = self.service(name), self.service()
        self.begin(service)
        fires(stranger)
        self.heard(service)
        self.assertEqual(self.outcomes(self.example), [], "a stranger's signal")
        for signal in quiet:
            signal(service)
        self.heard(service)
        self.assertEqual(self.outcomes(self.example), ["skipped"] * skipped)
        fires(service)
        self.heard(service)
        self.assertEqual(self.outcomes(self.example), ["skipped"] * skipped + ["succeeded"])
        self.assertEqual(self.ran(), ran)

    def test_on_battery(self):
        self.load("dbus-on-battery")
        change = lambda key, value: lambda service: service.change(POWER_PATH, POWER, **{key: GLib.Variant("b", value)})
        self.check(POWER, [change("LidIsClosed", True), change("OnBattery", False)], change("OnBattery", True),
                   ["systemctl stop indexer.service"], skipped=2)

    def test_before_sleep(self):
        self.load("dbus-before-sleep")
        prepare = lambda what, begins: lambda service: service.emit(LOGIN_PATH, LOGIN + ".Manager", what, "(b)", begins)
        self.check(LOGIN, [prepare("PrepareForSleep", False), prepare("PrepareForShutdown", True)],
                   prepare("PrepareForSleep", True), ["sync "], skipped=0)

    def test_network_up(self):
        self.load("dbus-network-up")
        state = lambda number: lambda service: service.emit(NETWORK_PATH, NETWORK, "StateChanged", "(u)", number)
        # disconnected, connecting, connected within the site
        self.check(NETWORK, [state(20), state(40), state(60)], state(70), ["sendmail -q"], skipped=0)

    def test_disk_mounted(self):
        self.load("dbus-disk-mounted")
        # Folders are bytes that end in a zero byte.
        mounted = lambda *folders: lambda service: service.change(
            DISK_PATH, DISKS + ".Filesystem", MountPoints=GLib.Variant("aay", [folder + b"\0" for folder in folders]))
        block = lambda service: service.change(DISK_PATH, DISKS + ".Block", IdLabel=GLib.Variant("s", "CAMERA"))
        size = lambda service: service.change(DISK_PATH, DISKS + ".Filesystem", Size=GLib.Variant("t", 1 << 30))
        home = pwd.getpwuid(os.getuid()).pw_dir
        self.check(DISKS, [block, size, mounted()], mounted("/media/ann/Bild Ä".encode()),
                   [f"rsync --recursive --ignore-existing /media/ann/Bild Ä/DCIM/ {home}/Pictures/"], skipped=2)

    def test_session_locked(self):
        self.load("dbus-session-locked")
        path = LOGIN_PATH + "/session/_32"
        change = lambda key, value: lambda service: service.change(path, LOGIN + ".Session", **{key: GLib.Variant("b", value)})
        user = lambda service: service.change(LOGIN_PATH + "/user/_1000", LOGIN + ".User", IdleHint=GLib.Variant("b", True))
        self.check(LOGIN, [change("IdleHint", True), change("LockedHint", False), user], change("LockedHint", True),
                   [f"logger --tag sessions {path} was locked"], skipped=2)


class User(Example):
    """A user's daemon on the user's session bus, which lets anybody own any name."""

    def setUp(self):
        super().setUp()
        self.daemon.kind = "--user"

    def test_screen_locked(self):
        self.load("dbus-screen-locked")
        gnome, freedesktop, stranger = self.service(GNOME), self.service(FREEDESKTOP), self.service()
        self.begin(gnome, freedesktop, bus="session")
        active = lambda service, path, name, value: service.emit(path, name, "ActiveChanged", "(b)", value)
        active(stranger, GNOME_PATH, GNOME, True)
        active(stranger, FREEDESKTOP_PATH, FREEDESKTOP, True)
        active(gnome, FREEDESKTOP_PATH, FREEDESKTOP, True)
        active(gnome, GNOME_PATH, GNOME, False)
        active(gnome, GNOME_PATH, GNOME, True)
        self.heard(gnome)
        self.assertEqual(self.outcomes(self.example), ["succeeded"])
        active(freedesktop, "/ScreenSaver", FREEDESKTOP, True)  # KDE sends each signal from two objects
        active(freedesktop, FREEDESKTOP_PATH, FREEDESKTOP, True)
        self.heard(freedesktop)
        self.assertEqual(self.outcomes(self.example), ["succeeded"] * 2)
        self.assertEqual(self.ran(), ["gpgconf --reload gpg-agent"] * 2)


if __name__ == "__main__":
    unittest.main()
