"""A user's own daemon, under the user's own systemd."""

from machine import OnMachine, main

HELLO = """
[[step]]
name  = "greet"
shell = '''printf '{"home": "%s", "uid": %d}' "$HOME" "$(id --user)"'''
result = "stdout"
"""


class User(OnMachine):
    def setUp(self):
        self.machine.run("useradd", "--create-home", "eve")
        self.uid = self.machine.run("id", "--user", "eve").stdout.strip()
        self.machine.run("loginctl", "enable-linger", "eve")
        # The user's systemd is ready when its unit is.
        self.machine.run("systemctl", "start", f"user@{self.uid}.service")

    def as_eve(self, *command, check=True):
        runtime = f"/run/user/{self.uid}"
        return self.machine.run("runuser", "--user", "eve", "--", "env", "HOME=/home/eve", f"XDG_RUNTIME_DIR={runtime}",
                                f"DBUS_SESSION_BUS_ADDRESS=unix:path={runtime}/bus", *command, check=check)

    def test_a_users_own_daemon(self):
        self.as_eve("mkdir", "--parents", "/home/eve/.config/takt/processes")
        self.machine.write("/home/eve/.config/takt/processes/hello.toml", HELLO)
        self.machine.run("chown", "eve:", "/home/eve/.config/takt/processes/hello.toml")
        self.assertEqual(self.as_eve("systemctl", "--user", "is-enabled", "taktd", check=False).stdout.strip(), "disabled")
        self.as_eve("systemctl", "--user", "enable", "--now", "taktd")
        reply = self.as_eve("taktctl", "--user", "start", "hello", "--wait", "--json=short").stdout
        self.assertIn('"home":"/home/eve"', reply.replace(": ", ":"))
        self.assertIn(f'"uid":{self.uid}', reply.replace(": ", ":"))
        self.as_eve("systemctl", "--user", "reload", "taktd")
        # It goes and comes back with what it knew.
        self.as_eve("systemctl", "--user", "restart", "taktd")
        self.assertIn("hello", self.as_eve("taktctl", "--user", "history", "--no-pager").stdout)
        # The system's daemon knows nothing of it.
        self.assertNotIn("hello", [row[0] for row in self.machine.call("ListProcesses", "a{sv}", "0")[0]])


if __name__ == "__main__":
    main()
