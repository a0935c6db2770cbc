"""The process that ships: reschedule-remaining-tasks, on a task database of 1,000 tasks of which 15 are overdue."""

import datetime
import os
import sqlite3
import unittest
import zoneinfo

import harness

TEHRAN = zoneinfo.ZoneInfo("Asia/Tehran")
SCHEMA = """
CREATE TABLE tasks (
  id            INTEGER PRIMARY KEY,
  title         TEXT NOT NULL,
  status        TEXT NOT NULL CHECK (status IN ('pending', 'in_progress', 'completed', 'cancelled')),
  due_at_us     INTEGER,
  updated_at_us INTEGER NOT NULL
) STRICT;
"""


def us(at):
    return int(at.timestamp()) * 1_000_000


class Reschedule(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.database = self.path("tasks.db")
        self.today = datetime.datetime.now(TEHRAN).date()
        with sqlite3.connect(self.database) as db:
            db.executescript(SCHEMA)
            db.executemany("INSERT INTO tasks VALUES (?, ?, ?, ?, 0)", [self.task(i) for i in range(1, 1001)])
        with open(os.path.join(harness.SOURCE, "etc/processes/reschedule-remaining-tasks.toml")) as file:
            text = file.read()
        self.daemon.define("reschedule-remaining-tasks", text.replace("/usr/lib/takt/", f"{harness.SOURCE}/etc/processes/"))
        drop_ins = os.path.join(self.daemon.processes, "reschedule-remaining-tasks.toml.d")
        os.mkdir(drop_ins)
        with open(os.path.join(drop_ins, "local.toml"), "w") as file:
            file.write(f'enabled = true\n[inputs.database]\ndefault = "{self.database}"\n')

    def due(self, days, hour):
        return datetime.datetime.combine(self.today + datetime.timedelta(days), datetime.time(hour, 15), TEHRAN)

    def task(self, i):
        if i <= 15:  # overdue, at many times of day, up to a year ago
            return i, f"overdue {i}", ("pending", "in_progress")[i % 2], us(self.due(-1 - 25 * (i - 1), i % 24))
        if i <= 300:
            return i, f"done {i}", ("completed", "cancelled")[i % 2], us(self.due(-i, i % 24))
        if i <= 400:
            return i, f"undated {i}", "pending", None
        return i, f"to come {i}", "pending", us(self.due(i % 30, 23))

    def rows(self):
        with sqlite3.connect(self.database) as db:
            return {row[0]: row for row in db.execute("SELECT * FROM tasks")}

    def test_it_moves_what_is_overdue_and_is_safe_to_run_twice(self):
        before = self.rows()
        self.daemon.start()
        client = self.client()
        id = client.start("reschedule-remaining-tasks")
        outcome, result = client.wait(id)
        self.assertEqual(outcome, "succeeded", client.describe(id))
        self.assertEqual(set(result), {"success", "tasks_found", "tasks_rescheduled", "execution_time", "task_details"})
        self.assertEqual((result["success"], result["tasks_found"], result["tasks_rescheduled"]), (True, 15, 15))
        self.assertRegex(result["execution_time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+03:30$")
        self.assertEqual(len(result["task_details"]), 15)

        after = self.rows()
        for i in range(1, 16):
            old = datetime.datetime.fromtimestamp(before[i][3] / 1e6, TEHRAN)
            new = datetime.datetime.fromtimestamp(after[i][3] / 1e6, TEHRAN)
            self.assertEqual((new.date(), new.time()), (self.today, old.time()))
        self.assertEqual({i: r for i, r in before.items() if i > 15}, {i: r for i, r in after.items() if i > 15})

        log = self.taktctl("logs", str(id), "--raw").stdout.splitlines()
        self.assertEqual(len([line for line in log if "overdue" in line]), 15)
        self.assertEqual(client.wait(client.start("reschedule-remaining-tasks"))[1]["tasks_found"], 0)
        self.assertEqual(self.rows(), after)

    def test_its_schedule_and_zone_come_from_the_environment(self):
        self.daemon.start()
        self.assertRegex(self.daemon.log_text(), r"reschedule-remaining-tasks: next run at .* 07:30:00\+03:30")
        self.daemon.stop()
        self.daemon.environment.update(RESCHEDULE_HOUR="6", RESCHEDULE_MINUTE="5", RESCHEDULE_TIMEZONE="Asia/Kathmandu")
        self.daemon.start()
        self.assertRegex(self.daemon.log_text(), r"reschedule-remaining-tasks: next run at .* 06:05:00\+05:45")

    def test_a_database_that_is_not_there_fails_it_and_says_so(self):
        os.unlink(self.database)
        self.daemon.start()
        client = self.client()
        id = client.start("reschedule-remaining-tasks")
        harness.until(lambda: client.describe(id)["Steps"][0]["State"] == "waiting", "the first attempt to fail")
        client.control("Cancel", id)  # its retries would wait half a minute each
        self.assertEqual(client.wait(id)[0], "cancelled")
        self.assertIn(self.database, client.describe(id)["Attempts"][0]["OutputTail"])
        self.assertFalse(os.path.exists(self.database), "it makes no database of its own")


if __name__ == "__main__":
    unittest.main()
