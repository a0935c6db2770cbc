"""What a test does on a booted systemd with taktd, wherever that runs."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DESTINATION = ["org.taktd.Takt1", "/org/taktd/Takt1", "org.taktd.Takt1.Manager"]
MESSAGE_IDS = dict(re.findall(r'id_(\w+) = "([0-9a-f]{32})"', (ROOT / "daemon/base/names.h").read_text()))
PATIENCE = 180  # seconds until a thing that is waited for counts as lacking

# CURSOR SECONDS TEXT...: the first entry behind the cursor whose JSON has all the texts. Matched here: journalctl, given
# matches beside a cursor, passes over the first entry that fits.
FOLLOW = r'''
exec 3< <(exec timeout "$1" journalctl --quiet --follow --output=json --after-cursor="$0")
while read -r line <&3; do
  for text in "${@:2}"; do
    [[ $line == *"$text"* ]] || continue 2
  done
  printf '%s' "$line"
  break
done
kill $!
'''


class Booted:
    """A machine with systemd as its init. Where it runs says how: run() and write() are the subclass's."""

    def run(self, *command, check=True, timeout=PATIENCE):
        """Runs a command as root and returns it finished, as subprocess.run does; with check, it must end well."""
        raise NotImplementedError

    def write(self, path, text):
        """Writes a file, and the folders that it needs."""
        raise NotImplementedError

    # ---- systemd

    def show(self, unit, prop):
        return self.run("systemctl", "show", "--property", prop, "--value", unit).stdout.strip()

    def main_pid(self, unit="taktd.service"):
        return int(self.show(unit, "MainPID"))

    def processes_of(self, unit):
        """Pids, as the container counts them, of all in the unit's cgroup."""
        listed = self.run("find", f"/sys/fs/cgroup/system.slice/{unit}", "-name", "cgroup.procs", "-exec", "cat", "{}", "+").stdout
        return sorted(int(pid) for pid in listed.split())

    def cursor(self):
        """A place in the journal: now."""
        shown = self.run("journalctl", "--quiet", "--lines=0", "--show-cursor").stdout
        return re.search(r"-- cursor: (.*)", shown)[1]

    def journal(self, *matches):
        self.run("journalctl", "--sync")
        listed = self.run("journalctl", "--quiet", "--output=json", "--no-pager", *matches).stdout
        return [json.loads(line) for line in listed.splitlines()]

    def journal_entry(self, after, **fields):
        """The first entry behind the cursor that has these fields, waited for."""
        parts = [f"{json.dumps(name)}:{json.dumps(value)}" for name, value in fields.items()]
        found = self.run("bash", "-c", FOLLOW, after, str(PATIENCE), *parts, check=False, timeout=2 * PATIENCE).stdout
        if not found:
            raise AssertionError(f"no journal entry has {fields}")
        return json.loads(found)

    # ---- taktd

    def call(self, method, *arguments, check=True):
        """A call of the Manager's; the reply's values, or with check=False the finished busctl."""
        done = self.run("busctl", f"--timeout={PATIENCE}", "--json=short", "call", *DESTINATION, method, *arguments, check=check,
                        timeout=2 * PATIENCE)
        if not check:
            return done
        return json.loads(done.stdout)["data"] if done.stdout.strip() else []

    def define(self, name, text):
        self.write(f"/etc/takt/processes/{name}.toml", text)
        self.call("Reload")

    def start(self, name):
        return self.call("StartProcess", "sa{sv}a{sv}", name, "0", "0")[0]

    def wait(self, execution):
        """Its outcome, when it has ended."""
        return self.call("WaitExecution", "t", str(execution))[0]

    def describe(self, execution):
        return plain(self.call("DescribeExecution", "t", str(execution))[0])


def plain(value):
    """busctl's JSON without its variants' types."""
    if isinstance(value, dict):
        if set(value) == {"type", "data"}:
            return plain(value["data"])
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value
