"""What bash, zsh and fish themselves complete for taktctl, beside what its help says: a verb or an option that one of the two
does not know fails. The interactive shells insert all that they would offer, and tell the line; fish has a command for it."""

import os
import pty
import re
import subprocess
import threading
import unittest

import harness

COMPLETIONS = os.path.join(harness.SOURCE, "completions")
PATH = harness.BUILD + ":/usr/local/bin:/usr/bin:/bin"
SHORT = {"-j"}  # the one option that has no long name; the others' short ones are not offered by all shells

BASH = """bind 'set bell-style none'
source {completions}/taktctl
tell() {{ printf '%s\\n' "$READLINE_LINE" > {told}; READLINE_LINE=; }}
bind -x '"\\C-xt": tell'
bind '"\\C-xa": insert-completions'
"""

ZSH = """fpath=({completions} $fpath)
autoload -Uz compinit && compinit -u -D
all() {{ _main_complete; compstate[insert]=all }}
zle -C all complete-word all
bindkey '^Xa' all
tell() {{ print -r -- $BUFFER > {told}; BUFFER= }}
zle -N tell
bindkey '^Xt' tell
"""


class Interactive:
    """A shell on a terminal of its own, whose output nobody needs."""

    def __init__(self, test, command, environment=None):
        self.test, self.told = test, test.fifo("told")
        self.terminal, other = pty.openpty()
        self.process = subprocess.Popen(command, stdin=other, stdout=other, stderr=other, start_new_session=True, cwd=test.folder,
                                        env={"PATH": PATH, "TERM": "dumb", "HOME": test.folder, **(environment or {})})
        os.close(other)
        self.reader = threading.Thread(target=self._drain)
        self.reader.start()

    def _drain(self):
        try:
            while os.read(self.terminal, 65536):
                pass
        except OSError:
            pass  # nobody has the other side any more

    def complete(self, line):
        os.write(self.terminal, line.encode() + b"\x18a\x18t")
        told = self.test.read_fifo(self.told)[len(line) - len(line.split(" ")[-1]):]
        return [each.rstrip(",") for each in told.split()]  # a list of states may go on

    def close(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        os.close(self.terminal)


class Completions:
    """The tests, for each of the shells below."""

    also = set()  # files that are offered where a definition is wanted, after those whose names end like one's

    def setUp(self):
        super().setUp()
        for name in ("backup", "report"):
            self.daemon.define(name, '[[step]]\nname = "ask"\napprove = { message = "Go on?" }\n')
        self.daemon.start()
        self.shell = self.open_shell()

    def open_shell(self):
        raise NotImplementedError

    def completed(self, line):
        return set(self.shell.complete(f"taktctl {line}"))

    def help(self, *verb):
        text = self.taktctl(*verb, "--help").stdout
        options, verbs = {}, []
        for part in re.split(r"\n(?=\S)", text):
            title, *lines = part.splitlines()
            for found in filter(None, (re.match(r"  (\S+)(?: (\S+))?", each) for each in lines)):
                if title.startswith("Options"):
                    names = found[1].split(",")
                    options[next((name for name in names if name.startswith("--")), names[0])] = found[2]
                elif title.startswith(("Subcommands", "Verbs")):
                    verbs.append(found[1])
        return options, verbs

    def each_verb(self):
        for verb in self.help()[1]:
            own = self.help(verb)[1]
            yield from ([verb, each] for each in own) if own else [[verb]]

    def test_every_verb(self):
        verbs = self.help()[1]
        self.assertIn("calendar", verbs)
        self.assertEqual(self.completed(""), set(verbs))
        for verb in verbs:
            if own := self.help(verb)[1]:
                self.assertEqual(self.completed(verb + " "), set(own), verb)

    def test_every_option_of_every_verb(self):
        common = set(self.help()[0])
        self.assertIn("--no-legend", common)
        self.assertEqual(self.completed("--"), common - SHORT)
        for verb in self.each_verb():
            known = set(self.help(*verb)[0]) | common - {"--version"}
            self.assertEqual(self.completed(" ".join(verb) + " --"), known - SHORT, verb)

    def test_processes_and_executions(self):
        client = self.client()
        ended, live = str(client.start("backup")), str(client.start("report"))
        client.call("CancelExecution", "(ta{sv})", int(ended), {})
        client.wait(int(ended))
        processes = {"backup", "report"}
        for bus in (f"--bus {self.bus.address} ", f"--bus={self.bus.address} --json short --no-pager "):
            for verb in ("list", "show", "start", "skip", "history", "stats", "next", "why", "monitor", "versions", "diff", "enable",
                         "disable", "delete", "cache clear"):
                self.assertEqual(self.completed(f"{bus}{verb} "), processes, verb)
        for verb, expected in {"status": {*processes, ended, live}, "graph": {*processes, ended, live}, "logs": {*processes, ended, live},
                               "pause": {*processes, live}, "resume": {*processes, live}, "cancel": {*processes, live}, "wait": {live},
                               "approve": {live}, "reject": {live}, "retry": {ended}, "rollback": {ended}}.items():
            self.assertEqual(self.completed(f"{bus}{verb} "), expected, verb)
        self.assertEqual(self.completed(f"{bus}start b"), {"backup"})
        self.assertEqual(self.completed(f"{bus}start --wait r"), {"report"})
        self.assertEqual(self.completed(f"--bus unix:path={self.path('nobody')} start "), set())

    def test_values_and_files(self):
        for name in ("mine.toml", "mine.crontab"):
            open(self.path(name), "w").close()
        os.mkdir(self.path("mine"))
        for line, expected in {"--json ": {"short", "pretty", "off"}, "graph --format ": {"text", "dot", "mermaid", "json"},
                               "calendar --dst ": {"takt", "systemd"}, "history --state can": {"cancelled"},
                               "put mi": {"mine.toml", "mine/", *self.also}, "check mi": {"mine.toml", "mine/", *self.also},
                               "import crontab mi": {"mine.toml", "mine.crontab", "mine/"}, "import timers --root mi": {"mine/"},
                               "import crontab --user roo": {"root"}}.items():
            self.assertEqual({each.removesuffix("/") for each in self.completed(line)}, {each.removesuffix("/") for each in expected}, line)


class Bash(Completions, harness.TestCase):
    def open_shell(self):
        rules = self.path("bashrc")
        with open(rules, "w") as file:
            file.write(BASH.format(completions=COMPLETIONS, told=self.path("told")))
        shell = Interactive(self, ["bash", "--noprofile", "--rcfile", rules, "-i"])
        self.addCleanup(shell.close)
        return shell


class Zsh(Completions, harness.TestCase):
    def open_shell(self):
        with open(self.path(".zshrc"), "w") as file:
            file.write(ZSH.format(completions=COMPLETIONS, told=self.path("told")))
        shell = Interactive(self, ["zsh", "-d", "-i"], {"ZDOTDIR": self.folder})
        self.addCleanup(shell.close)
        return shell


class Fish(Completions, harness.TestCase):
    also = {"mine.crontab"}

    def open_shell(self):
        return self

    def complete(self, line):
        script = f"source {COMPLETIONS}/taktctl.fish; complete -C $argv[1]"
        done = subprocess.run(["fish", "--no-config", "-c", script, line], capture_output=True, text=True, timeout=harness.DEADLINE,
                              cwd=self.folder, env={"PATH": PATH, "HOME": self.folder}, check=True)
        return [each.split("\t")[0] for each in done.stdout.splitlines()]


if __name__ == "__main__":
    unittest.main()
