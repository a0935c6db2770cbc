"""Crontabs and units of systemd, from real files, as definitions that the real daemon loads and runs."""

import json
import os
import pwd
import shutil
import tomllib
import unittest

import harness

USER = pwd.getpwuid(os.getuid())

CRONTAB = '''# The day's jobs
MAILTO=""
GREETING = "good day"
*/5 * * * *   cat > "$HOME/said"; echo "$GREETING" >> "$HOME/said"%hello%world
MAILTO=admin
30 7 * * mon-fri  /usr/bin/report --at "$(date +\\%F)" && echo done
@reboot daemon &
1~30 * * * *  only-cronie
'''

TIMER = '''[Unit]
Description=The timer

[Timer]
OnCalendar=Mon..Fri 07:30
OnUnitActiveSec=1h
Persistent=true
AccuracySec=1us

[Install]
WantedBy=timers.target
'''

SERVICE = '''[Unit]
Description=Say it for %i
After=network.target

[Service]
Type=oneshot
Environment="WORD=two words"
WorkingDirectory={folder}
ExecStartPre=-/bin/false
ExecStart=/bin/sh -c 'printf "%%s|" "$@" > said' sh $WORD ${{WORD}} %i
ExecStart=/bin/cp said copied
Nice=5
'''


class Files(harness.TestCase):
    def file(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def imported(self, *arguments, status=0):
        """The documents of the processes by name, what was told, and the notes of the whole."""
        done = self.taktctl("--json=short", "import", *arguments, status=status)
        document = json.loads(done.stdout)
        return {one["process"]: one for one in document["processes"]}, done.stderr, document["notes"]


class Crontabs(Files):
    def test_a_crontab_is_turned_proven_and_run(self):
        home = self.path("home")
        os.makedirs(home)
        tab = self.file("jobs", f"HOME={home}\n" + CRONTAB)
        processes, told, notes = self.imported("crontab", tab, "--user", USER.pw_name)
        self.assertEqual(list(processes), ["jobs-cat", "jobs-report", "jobs-daemon"])
        self.assertIn("1~30 * * * *  only-cronie", notes[0])
        self.assertIn("jobs, line 9", notes[0])
        self.assertIn("MAILTO = admin", " ".join(processes["jobs-report"]["notes"]))
        for process in ("jobs-cat", "jobs-report"):
            proof, = processes[process]["proofs"]
            self.assertEqual((proof["compared"], proof["differences"], proof["unproven"]), (1000, [], None))
            self.assertIn("# Proven: it fires at the next 1000 instants", processes[process]["text"])
        self.assertEqual(tomllib.loads(processes["jobs-daemon"]["text"])["trigger"], [{"boot": "0s"}])
        self.assertIn("processes: 3; calendars: 2, proven 2", told)
        self.assertNotIn("Proven", told, "what is as it was needs no word")

        processes, _, _ = self.imported("crontab", tab, "--user", USER.pw_name, "-o", self.daemon.processes)
        self.assertEqual([processes[name]["file"] for name in sorted(processes)],
                         [os.path.join(self.daemon.processes, name) for name in sorted(os.listdir(self.daemon.processes))])
        self.daemon.start()
        self.taktctl("start", "jobs-cat", "--wait")
        with open(os.path.join(home, "said")) as file:
            self.assertEqual(file.read(), "hello\nworld\ngood day\n")

    def test_the_systems_crontabs_have_users(self):
        root = self.path("root")
        self.file("root/etc/passwd", "etl:x:7:7::/srv/etl:/bin/sh\nroot:x:0:0::/root:/bin/sh\n")
        self.file("root/etc/crontab", "17 * * * * root cd / && run-parts --report /etc/cron.hourly\n")
        self.file("root/etc/cron.d/load", "-0 2 * * * etl load\n")
        self.file("root/etc/cron.d/old.dpkg-old", "nonsense\n")
        processes, _, notes = self.imported("crontab", "--system", "--root", root)
        self.assertEqual(list(processes), ["crontab-run-parts", "load"])
        load = tomllib.loads(processes["load"]["text"])
        self.assertEqual((load["user"], load["step"][0]["directory"]), ("etl", "/srv/etl"))
        self.assertEqual((load["overlap"], load["max_instances"]), ("allow", 10))
        self.assertIn("old.dpkg-old: cron does not read", notes[0])

    def test_a_users_crontab_is_found(self):
        self.file("root/var/spool/cron/crontabs/ann", "@daily x\n")
        self.file("root/etc/passwd", "ann:x:7:7::/home/ann:/bin/sh\n")
        processes, _, _ = self.imported("crontab", "--user", "ann", "--root", self.path("root"))
        self.assertEqual(tomllib.loads(processes["ann-x"]["text"])["user"], "ann")

    def test_a_change_of_the_clock_is_told(self):
        tab = self.file("tab", "CRON_TZ=America/New_York\n0,30 2 * * * x\n")
        processes, told, _ = self.imported("crontab", tab, "--user", USER.pw_name)
        first = processes["tab-x"]["proofs"][0]["differences"][0]
        self.assertEqual((first["before"], first["now"]), (2, 1))
        self.assertIn("cron starts a line once for each", first["rule"])
        self.assertIn("2 then, 1 now", told)
        self.assertIn("calendars: 1, proven 0, different 1, unproven 0", told)
        self.assertIn("# ", processes["tab-x"]["text"].split("[[trigger]]")[0])

    def test_what_is_wrong_is_one_error_with_file_and_line(self):
        tab = self.file("tab", "@daily x\n61 * * * * y\n")
        folder = self.path("out")
        done = self.taktctl("import", "crontab", tab, "-o", folder, status=2)
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertIn(f"{tab}: line 2: minute: 61", done.stderr)
        self.assertFalse(os.path.exists(folder))
        self.taktctl("import", "crontab", status=2)
        self.taktctl("import", "crontab", tab, "--system", status=2)
        self.taktctl("import", "crontab", tab + ".none", status=1)


    def test_all_is_written_or_nothing(self):
        tab = self.file("tab", "0 5 * * * first\n*/60 6 * * * second\n0 7 * * * third\n")
        folder = self.path("out")
        os.makedirs(folder)
        there = self.file("out/tab-second.toml", "mine")
        done = self.taktctl("import", "crontab", tab, "--user", USER.pw_name, "-o", folder, status=1)
        self.assertIn(f"{there} is there already; --force replaces it", done.stderr)
        self.assertIn("nothing is written: 1 of 3 processes are refused", done.stderr)
        self.assertEqual(os.listdir(folder), ["tab-second.toml"])
        done = self.taktctl("import", "crontab", tab, "--user", USER.pw_name, "-o", folder, "--force")
        self.assertEqual(len(os.listdir(folder)), 3)
        self.assertIn("calendars: 3, proven 3", done.stderr)
        with open("/dev/full", "w") as full:
            done = harness.subprocess.run([os.path.join(harness.BUILD, "taktctl"), "import", "crontab", tab],
                                          stdout=full, stderr=harness.subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("write to standard output: No space left on device", done.stderr)

    def test_what_makes_no_definition_is_refused_with_the_reason(self):
        tab = self.file("tab", "0 5 * * * " + "x" * 140000 + "\n")  # twice in its definition, as a comment too
        done = self.taktctl("import", "crontab", tab, "--user", USER.pw_name, status=1)
        self.assertRegex(done.stderr, "tab-x+.toml: error: .* bytes; at most 262144 are taken")
        self.assertRegex(done.stderr, "tab-x+: what came of it is refused")

    def test_what_stands_in_a_file_does_not_reach_the_terminal_as_it_is(self):
        tab = self.file("tab", "1~30 * * * * \033]0;title\007\n")
        done = self.taktctl("import", "crontab", tab)
        self.assertIn("^[]0;title?", done.stderr)
        self.assertNotIn("\033", done.stderr)


class Timers(Files):
    def test_a_timer_is_turned_proven_and_run(self):
        units = self.path("units")
        self.file("units/say@.timer", TIMER)
        self.file("units/say@.service", SERVICE.format(folder=units))
        self.file("units/say@.timer.d/10-more.conf", "[Timer]\nOnUnitInactiveSec=2h\nRandomizedDelaySec=1min\n")
        self.file("units/watch.path", "[Path]\nPathExistsGlob=/srv/inbox/*.csv\nUnit=say@path.service\n")
        self.file("units/sleep.timer", "[Timer]\nOnCalendar=daily\nUnit=sleep.target\n")
        folders = ("--directory", units)
        processes, told, notes = self.imported("timers", *folders)
        self.assertEqual(list(processes), ["watch"])
        self.assertIn("sleep.target, which is no service", notes[0])
        processes, told, _ = self.imported("timers", "say@ann.timer", *folders)
        say = processes["say-ann"]
        definition = tomllib.loads(say["text"])
        self.assertEqual(definition["description"], "Say it for ann")
        self.assertEqual([next(iter(trigger)) for trigger in definition["trigger"]], ["calendar", "every", "every"])
        self.assertEqual(definition["trigger"][0]["catch_up"], "latest")
        for note in ("[Unit] After = network.target", "[Service] Nice = 5", "RandomizedDelaySec"):
            self.assertIn(note, " ".join(say["notes"]))
            self.assertIn(note, told)
            self.assertIn(note, say["text"])
        proof, = say["proofs"]
        if shutil.which("systemd-analyze"):
            self.assertEqual((proof["compared"], proof["unproven"]), (1000, None))
            self.assertEqual(proof["differences"], [])
        else:
            self.assertIn("systemd-analyze", proof["unproven"])
        self.taktctl("import", "timers", "say@ann.timer", *folders, "-o", self.daemon.processes)
        self.daemon.start()
        self.taktctl("start", "say-ann", "--wait")
        with open(os.path.join(units, "copied")) as file:
            self.assertEqual(file.read(), "two|words|two words|ann|")

    def test_within_a_second_too(self):
        self.file("a/fast.timer", "[Timer]\nOnCalendar=*:*:0/0.5\n")
        self.file("b/fast.service", "[Service]\nExecStart=/bin/true\n")
        processes, _, _ = self.imported("timers", "--directory", self.path("a"), "--directory", self.path("b"), "fast.timer")
        proof, = processes["fast"]["proofs"]
        if shutil.which("systemd-analyze"):
            self.assertEqual((proof["compared"], proof["differences"]), (1000, []))

    def test_another_root_is_a_machine_of_its_own(self):
        root = self.path("image")
        units = "image/usr/lib/systemd/system/"
        for name in ("linked", "masked", "off"):
            self.file(f"{units}{name}.timer", "[Timer]\nOnCalendar=daily\n")
            self.file(f"{units}{name}.service", "[Service]\nExecStart=/bin/image\n")
        self.file(units + "inbox.path", f"[Path]\nPathModified={self.path('here')}\nPathModified=/srv/inbox\n")
        self.file(units + "inbox.service", "[Service]\nExecStart=/bin/image\n")
        # What a link's "/" is, and what is a folder, that machine says. A mask it has without a /dev/null of its own.
        self.file("opt/linked.timer", "[Timer]\nOnCalendar=weekly\n")
        self.file("image" + self.path("opt/linked.timer"), "[Timer]\nOnCalendar=monthly\n")
        for folder in ("here", "image/srv/inbox", "image/etc/systemd/system/timers.target.wants"):
            os.makedirs(self.path(folder))
        etc = self.path("image/etc/systemd/system")
        os.symlink(self.path("opt/linked.timer"), os.path.join(etc, "linked.timer"))
        os.symlink("/usr/lib/systemd/system/linked.timer", os.path.join(etc, "timers.target.wants/linked.timer"))
        os.symlink("/usr/lib/systemd/system/linked.timer", os.path.join(etc, "alias.timer"))
        os.symlink("/dev/null", os.path.join(etc, "masked.timer"))
        processes, _, notes = self.imported("timers", "--root", root)
        definitions = {name: tomllib.loads(one["text"]) for name, one in processes.items()}
        self.assertEqual({name: one.get("enabled", True) for name, one in definitions.items()},
                         {"linked": True, "off": False, "inbox": False})
        self.assertEqual(definitions["linked"]["trigger"][0]["calendar"], "monthly")
        self.assertEqual(sorted(trigger["path"] for trigger in definitions["inbox"]["trigger"]),
                         sorted([self.path("here"), "/srv/inbox/*"]))
        self.assertIn("masked.timer is masked", notes)
        self.taktctl("import", "timers", "--root", root, "--directory", etc, status=2)

    def test_without_systemd_analyze_nothing_is_proven(self):
        self.file("units/a.timer", "[Timer]\nOnCalendar=daily\n")
        self.file("units/a.service", "[Service]\nExecStart=/bin/true\n")
        done = harness.subprocess.run([os.path.join(harness.BUILD, "taktctl"), "--json=short", "import", "timers",
                                       "--directory", self.path("units")], capture_output=True, text=True,
                                      env={"PATH": "/nonexistent"})
        self.assertEqual(done.returncode, 0, done.stderr)
        proof, = json.loads(done.stdout)["processes"][0]["proofs"]
        self.assertEqual(proof["unproven"], "there is no systemd-analyze")
        self.assertIn("a: Not proven to fire as before: there is no systemd-analyze.", done.stderr)
        self.assertIn("calendars: 1, proven 0, different 0, unproven 1", done.stderr)

    def test_wrong_units_are_one_error_with_file_and_line(self):
        timer = self.file("units/a.timer", "[Timer]\nOnCalendar=Mox\n")
        self.file("units/a.service", "[Service]\nExecStart=/bin/true\n")
        done = self.taktctl("import", "timers", "--directory", self.path("units"), status=2)
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertIn(f"{timer}: line 2: OnCalendar = Mox: ", done.stderr)
        self.file("units/a.timer", "[Timer]\nnonsense\n")
        done = self.taktctl("import", "timers", "--directory", self.path("units"), status=2)
        self.assertIn(f"{timer}: line 2: expected [SECTION] or KEY=VALUE", done.stderr)
        self.taktctl("import", "timers", "none.timer", "--directory", self.path("units"), status=2)
        self.taktctl("import", "timers", "a.service", "--directory", self.path("units"), status=2)

    def test_what_systemd_does_not_start_is_not_enabled(self):
        config = self.path("config")
        for name in ("on", "off", "gone"):
            self.file(f"config/systemd/user/{name}.timer", "[Timer]\nOnCalendar=daily\n")
            self.file(f"config/systemd/user/{name}.service", "[Service]\nExecStart=/bin/true\n")
        os.remove(os.path.join(config, "systemd/user/gone.timer"))
        os.symlink("/dev/null", os.path.join(config, "systemd/user/gone.timer"))
        os.makedirs(os.path.join(config, "systemd/user/timers.target.wants"))
        os.symlink("../on.timer", os.path.join(config, "systemd/user/timers.target.wants/on.timer"))
        done = harness.subprocess.run([os.path.join(harness.BUILD, "taktctl"), "--user", "--json=short", "import", "timers"],
                                      capture_output=True, text=True,
                                      env={**os.environ, "XDG_CONFIG_HOME": config, "XDG_DATA_HOME": self.path("data")})
        document = json.loads(done.stdout)
        processes = {one["process"]: tomllib.loads(one["text"]) for one in document["processes"]}
        self.assertNotIn("enabled", processes["on"])
        self.assertFalse(processes["off"]["enabled"])
        self.assertIn("gone.timer is masked", document["notes"])


if __name__ == "__main__":
    unittest.main()
