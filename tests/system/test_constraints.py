"""Executions that wait for what the real systemd and logind say."""

from machine import OnMachine, main

STEP = '\n[[step]]\nname = "note"\nrun = ["true"]\n'


class Constraints(OnMachine):
    def wait_for_reason(self, execution, text):
        """Until the record of a queued execution says so."""
        self.until("busctl --json=short call org.taktd.Takt1 /org/taktd/Takt1 org.taktd.Takt1.Manager "
                   f"DescribeExecution t {execution} | grep -F -q '{text}'")
        self.assertEqual(self.machine.describe(execution)["State"], "queued")

    def test_a_unit_that_becomes_active_lets_it_start(self):
        self.machine.write("/run/systemd/system/database.service", "[Service]\nExecStart=/bin/sleep infinity\n")
        self.machine.run("systemctl", "daemon-reload")
        self.machine.define("needs-database", '[constraints]\nunit_active = "database.service"\n' + STEP)
        execution = self.machine.start("needs-database")
        self.wait_for_reason(execution, "unit_active = database.service: it is inactive")
        told = self.machine.run("taktctl", "why", "needs-database").stdout
        self.assertIn("waits for unit_active = database.service: it is inactive", told)
        self.machine.run("systemctl", "start", "database.service")
        self.addCleanup(self.machine.run, "systemctl", "stop", "database.service")
        self.assertEqual(self.machine.wait(execution), "succeeded")

    def test_it_waits_until_logind_calls_the_machine_idle(self):
        gate = self.gate()
        # An inhibitor of idleness is what a film that is watched is to logind.
        self.machine.write("/run/film", gate.script())
        self.machine.run("systemd-run", "--unit=film", "systemd-inhibit", "--what=idle", "--why=film", "sh", "/run/film")
        gate.arrived()
        self.machine.define("when-idle", '[constraints]\nidle = "1s"\n' + STEP)
        execution = self.machine.start("when-idle")
        self.wait_for_reason(execution, "idle = 1s: the machine is in use")
        gate.open()
        self.assertEqual(self.machine.wait(execution), "succeeded")

    def test_a_path_is_seen_through_the_sandbox_also_over_a_restart(self):
        self.machine.define("when-mounted", '[constraints]\npath_exists = "/tmp/mounted"\nac_power = true\n' + STEP)
        execution = self.machine.start("when-mounted")
        self.wait_for_reason(execution, "path_exists = /tmp/mounted: there is no such path")
        self.machine.run("systemctl", "restart", "taktd.service")
        self.wait_for_reason(execution, "path_exists = /tmp/mounted: there is no such path")
        self.machine.write("/tmp/mounted", "")
        self.assertEqual(self.machine.wait(execution), "succeeded")


if __name__ == "__main__":
    main()
