"""What is left of the package when it goes."""

from machine import OnMachine, main


class Removal(OnMachine):
    def test_removing_and_purging(self):
        self.machine.define("hello", '[[step]]\nname = "greet"\nrun = ["true"]\n')
        self.assertEqual(self.machine.wait(self.machine.start("hello")), "succeeded")

        self.machine.run("dpkg", "--remove", "takt")
        everyone = self.machine.run("sh", "-c", "cat /proc/[0-9]*/comm").stdout.splitlines()
        self.assertEqual([name for name in everyone if name.startswith("takt")], [])
        self.assertTrue(self.machine.path("/var/lib/takt").is_dir(), "a removal keeps the history")
        self.assertFalse(self.machine.path("/run/takt-runner.sock").exists())

        self.machine.run("dpkg", "--purge", "takt")
        for path in ("/var/lib/takt", "/var/lib/takt-runner", "/run/takt"):
            self.assertFalse(self.machine.path(path).exists(), path)
        # What the administrator wrote is not the package's.
        self.assertTrue(self.machine.path("/etc/takt/processes/hello.toml").exists())
        self.machine.run("systemctl", "daemon-reload")
        self.assertEqual(self.machine.run("systemctl", "--failed", "--plain", "--no-legend").stdout, "")


if __name__ == "__main__":
    main()
