"""Journal triggers, on a systemd-journald of the test's own: in a mount namespace, so it needs root."""

import os
import subprocess
import sys
import unittest

import harness

JOURNALD = "/lib/systemd/systemd-journald"
OWN = "TAKT_TEST_OWN_JOURNAL"

# What the step prints is in the journal too, and would match.
DEFINITION = """
overlap = "queue"
[[trigger]]
journal = { pattern = "^oops" }
inputs = { message = "${trigger.message}", unit = "${trigger.fields.SYSLOG_IDENTIFIER}" }
[inputs.message]
type = "string"
[inputs.unit]
type = "string"
[[step]]
name = "repeat"
run = ["echo", "oops, said ${inputs.unit}"]
"""


@unittest.skipUnless(os.environ.get(OWN), f"a journal of its own needs root, {JOURNALD} and /etc/machine-id")
class Journal(harness.TestCase):
    def setUp(self):
        super().setUp()
        os.makedirs("/run/systemd/journal", exist_ok=True)
        os.makedirs("/run/log/journal", exist_ok=True)
        with harness.notify_socket(self.folder) as (notify, path):
            self.journald = subprocess.Popen([JOURNALD], env=dict(os.environ, NOTIFY_SOCKET=path),
                                             stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(self.journald.wait)
            self.addCleanup(self.journald.kill)
            harness.wait_ready(notify, self.journald)

    def note(self, text):
        subprocess.run(["systemd-cat", "--identifier=probe", "echo", text], check=True)

    def finished(self, client, id):
        client.until_signal("ExecutionFinished", lambda *a: a[0] == id)
        return client.describe(id)

    def test_what_is_logged_fires_once_whatever_dies(self):
        self.note("oops, before the trigger was there")
        self.daemon.define("job", DEFINITION)
        self.daemon.start()
        client = self.client()
        self.note("oops 1")
        first = self.finished(client, 1)
        self.assertEqual(first["TriggerKind"], "journal")
        self.assertIn("oops 1", first["Inputs"])
        self.assertIn("probe", first["Inputs"])
        self.daemon.kill()
        self.note("oops 2")
        subprocess.run(["journalctl", "--rotate"], check=True)
        self.daemon.start()
        client = self.client()
        self.note("oops 3")
        self.assertIn("oops 3", self.finished(client, 3)["Inputs"])
        self.assertIn("oops 2", client.describe(2)["Inputs"])
        # What the steps printed is before this in the journal, and has not fired.
        self.note("oops 4")
        self.assertIn("oops 4", self.finished(client, 4)["Inputs"])
        self.assertEqual(len(client.executions()), 4)


if __name__ == "__main__":
    if os.environ.get(OWN):
        for folder in ("/run", "/var/log"):
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    elif os.geteuid() == 0 and os.path.exists(JOURNALD) and os.path.exists("/etc/machine-id"):
        probe = subprocess.run(["unshare", "--mount", "true"])
        if probe.returncode == 0:
            os.environ[OWN] = "1"
            os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])
    unittest.main()
