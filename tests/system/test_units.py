"""What installing the package does to a machine: users, units, sandbox, sockets, who may do what."""

from machine import OnMachine, main

HELLO = """
[[step]]
name  = "greet"
shell = "echo hello"
"""


class Units(OnMachine):
    def test_installing_enables_and_starts(self):
        for unit in ("taktd.service", "takt-runner.socket"):
            self.assertEqual(self.machine.run("systemctl", "is-enabled", unit).stdout.strip(), "enabled")
            self.assertEqual(self.machine.run("systemctl", "is-active", unit).stdout.strip(), "active")
        self.assertEqual(self.machine.run("systemctl", "--failed", "--plain", "--no-legend").stdout, "")

    def test_the_units_are_well_formed(self):
        units = [f"/lib/systemd/system/{unit}" for unit in ("taktd.service", "takt-runner.socket", "takt-runner.service")]
        verified = self.machine.run("systemd-analyze", "verify", "--man=no", *units)
        self.assertEqual([line for line in verified.stderr.splitlines() if "takt" in line], [])

    def test_start_returns_when_the_daemon_is_ready(self):
        self.machine.run("systemctl", "stop", "taktd")
        self.machine.run("systemctl", "start", "taktd")
        # No activation, no waiting: the name has its owner as soon as systemctl is back.
        owner = self.machine.run("busctl", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                 "GetConnectionUnixProcessID", "s", "org.taktd.Takt1").stdout.split()
        self.assertEqual(owner, ["u", str(self.machine.main_pid())])
        self.assertEqual(self.machine.show("taktd", "Type"), "notify")
        self.assertNotEqual(self.machine.show("taktd", "WatchdogUSec"), "infinity")

    def test_a_call_starts_the_daemon(self):
        self.machine.run("systemctl", "stop", "taktd")
        self.assertEqual(self.machine.call("ListDiagnostics"), [[]])
        self.assertEqual(self.machine.run("systemctl", "is-active", "taktd").stdout.strip(), "active")

    def test_the_daemon_is_nobody(self):
        status = dict(line.split(":\t", 1) for line in self.machine.path(f"/proc/{self.machine.main_pid()}/status").read_text().splitlines())
        uid = self.machine.run("id", "--user", "takt").stdout.strip()
        self.assertEqual(status["Uid"].split(), [uid] * 4)
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[kind], 16), 0, kind)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        # The exposure that systemd computes, times ten; a third of it is the network, which `http` steps need;
        # netlink is for device triggers, the group systemd-journal for those of the journal.
        self.machine.run("systemd-analyze", "security", "--no-pager", "--threshold=17", "taktd.service")

    def test_the_runner_is_reachable_by_the_daemon_alone(self):
        found = self.machine.path("/run/takt-runner.sock").lstat()
        self.assertEqual(oct(found.st_mode & 0o777), "0o600")
        self.assertEqual(str(found.st_uid), self.machine.run("id", "--user", "takt").stdout.strip())
        self.assertEqual(oct(self.machine.path("/var/lib/takt").stat().st_mode & 0o777), "0o700")

    def test_reading_is_for_all_and_changing_is_not(self):
        self.machine.define("hello", HELLO)
        as_nobody = ["runuser", "--user", "nobody", "--", "busctl", "call", "org.taktd.Takt1", "/org/taktd/Takt1", "org.taktd.Takt1.Manager"]
        self.assertIn('"hello"', self.machine.run(*as_nobody, "ListProcesses", "a{sv}", "0").stdout)
        refused = self.machine.run(*as_nobody, "StartProcess", "sa{sv}a{sv}", "hello", "0", "0", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("denied", refused.stderr.lower())
        self.assertEqual(self.machine.call("ListExecutions", "a{sv}su", "1", "process", "s", "hello", "", "0")[0], [])

    def test_reload_tells_what_is_wrong(self):
        self.machine.define("hello", HELLO)
        self.machine.run("systemctl", "reload", "taktd")
        self.addCleanup(self.machine.define, "hello", HELLO)
        self.machine.write("/etc/takt/processes/hello.toml", HELLO.replace("shell", "shel"))
        reload = self.machine.run("systemctl", "reload", "taktd", check=False)
        self.assertNotEqual(reload.returncode, 0)
        self.assertEqual(self.machine.run("systemctl", "is-active", "taktd").stdout.strip(), "active")
        # The last good version goes on.
        self.assertEqual(self.machine.wait(self.machine.start("hello")), "succeeded")

    def test_the_process_that_ships_is_there_and_disabled(self):
        processes = self.machine.call("ListProcesses", "a{sv}", "0")[0]
        self.assertEqual([row[3] for row in processes if row[0] == "reschedule-remaining-tasks"], [False])

    def test_the_environment_file_sets_a_schedule(self):
        self.machine.write("/etc/default/taktd", "RESCHEDULE_HOUR=6\nRESCHEDULE_MINUTE=5\nRESCHEDULE_TIMEZONE=Europe/Berlin\n")
        self.addCleanup(self.machine.run, "systemctl", "restart", "taktd")
        self.addCleanup(self.machine.path("/etc/default/taktd").unlink)
        self.machine.run("systemctl", "restart", "taktd")
        self.machine.call("EnableProcess", "sa{sv}", "reschedule-remaining-tasks", "0")
        self.addCleanup(self.machine.call, "DisableProcess", "sa{sv}", "reschedule-remaining-tasks", "0")
        upcoming = self.machine.call("ListUpcoming", "a{sv}u", "1", "process", "s", "reschedule-remaining-tasks", "1")[0]
        self.assertEqual(upcoming[0][3], "Europe/Berlin")
        shown = self.machine.run("env", "TZ=Europe/Berlin", "date", "+%H:%M", f"--date=@{upcoming[0][0] // 1_000_000}").stdout
        self.assertEqual(shown.strip(), "06:05")

    def test_the_manual_pages_are_installed(self):
        listed = self.machine.run("dpkg", "--listfiles", "takt").stdout
        for page in ("man8/taktd.8", "man8/takt-runner.8", "man1/taktctl.1", "man5/taktd.toml.5", "man5/takt.process.5", "man5/org.taktd.Takt1.5"):
            self.assertIn(f"/usr/share/man/{page}.gz\n", listed)


if __name__ == "__main__":
    main()
