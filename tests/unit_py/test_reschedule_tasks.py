"""The program of the process that ships, on real databases and at chosen instants."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "etc/processes/reschedule-tasks"
SCHEMA = re.search(r"```sql\n(.*?)```", (ROOT / "docs/task-database.md").read_text(), re.S).group(1)
MEMBERS = ["success", "tasks_found", "tasks_rescheduled", "execution_time", "task_details"]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def us(instant):
    return (instant - EPOCH) // timedelta(microseconds=1)


def local(zone, text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


class RescheduleTasks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.database = Path(folder.name) / "tasks.db"
        self.result = Path(folder.name) / "result.json"
        with closing(sqlite3.connect(self.database)) as database:
            database.executescript(SCHEMA)

    def add(self, *tasks):
        """Each is (status, due instant or None)."""
        with closing(sqlite3.connect(self.database)) as database, database:
            database.executemany(
                "INSERT INTO tasks (title, status, due_at_us, updated_at_us) VALUES ('task', ?, ?, 0)",
                [(status, due and us(due)) for status, due in tasks],
            )

    def rows(self):
        with closing(sqlite3.connect(self.database)) as database:
            return database.execute("SELECT id, title, status, due_at_us, updated_at_us FROM tasks ORDER BY id").fetchall()

    def due(self, zone):
        """The due dates as the zone's clocks show them, with the offset, by id."""
        return [(EPOCH + timedelta(microseconds=row[3])).astimezone(ZoneInfo(zone)).isoformat() for row in self.rows()]

    def run_at(self, zone, now, expect=0):
        self.result.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, PROGRAM, "--database", self.database, "--timezone", zone, "--now", local(zone, now).isoformat()],
            env={**os.environ, "TAKT_RESULT": str(self.result)}, capture_output=True, text=True, timeout=60,
        )
        self.assertEqual(done.returncode, expect, done.stderr)
        return json.loads(self.result.read_text()), done

    def test_fifteen_of_a_thousand(self):
        zone = "Asia/Tehran"
        old = [(["pending", "in_progress"][n % 2], local(zone, f"2025-12-{n + 1:02}T{n + 8:02}:15:30.000007")) for n in range(15)]
        kept = [("completed", local(zone, "2025-12-01T09:00"))] * 400
        kept += [("cancelled", local(zone, "2025-12-02T09:00"))] * 100
        kept += [("pending", local(zone, "2025-12-18T00:00"))] * 200  # the first instant of today
        kept += [("in_progress", local(zone, "2025-12-19T09:00"))] * 200
        kept += [("pending", None)] * 85
        self.add(*old, *kept)
        before = self.rows()
        result, done = self.run_at(zone, "2025-12-18T07:30")

        self.assertEqual(list(result), MEMBERS)
        self.assertEqual([result[member] for member in MEMBERS[:4]], [True, 15, 15, "2025-12-18T07:30:00+03:30"])
        self.assertEqual(self.rows()[15:], before[15:])
        for n, row in enumerate(self.rows()[:15]):
            self.assertEqual(row[3], us(local(zone, f"2025-12-18T{n + 8:02}:15:30.000007")))
            self.assertEqual(row[4], us(local(zone, "2025-12-18T07:30")))
        self.assertEqual(result["task_details"][3], {
            "id": 4, "title": "task", "status": "in_progress",
            "old_due": "2025-12-04T11:15:30.000007+03:30", "new_due": "2025-12-18T11:15:30.000007+03:30"})
        lines = done.stdout.splitlines()
        self.assertEqual([line.split()[1] for line in lines[:-1]], [str(n + 1) for n in range(15)])
        self.assertIn("moved from 2025-12-01T08:15:30.000007+03:30 to 2025-12-18T08:15:30.000007+03:30", lines[0])
        self.assertEqual(lines[-1], "15 tasks moved to today")

    def test_a_second_run_finds_nothing(self):
        self.add(("pending", local("Asia/Tehran", "2025-12-10T23:59:59")))
        self.run_at("Asia/Tehran", "2025-12-18T07:30")
        before = self.rows()
        result, done = self.run_at("Asia/Tehran", "2025-12-18T07:31")
        self.assertEqual([result[member] for member in MEMBERS],
                         [True, 0, 0, "2025-12-18T07:31:00+03:30", []])
        self.assertEqual(self.rows(), before)
        self.assertEqual(done.stdout, "0 tasks moved to today\n")

    def test_the_day_is_the_zones(self):
        # 20:15 UTC on the 17th is 23:45 in Tehran: an earlier day there when it is 00:15 on the 18th, 20:45 UTC.
        self.add(("pending", datetime(2025, 12, 17, 20, 15, tzinfo=timezone.utc)))
        self.assertEqual(self.run_at("Asia/Tehran", "2025-12-18T00:15")[0]["tasks_found"], 1)
        self.assertEqual(self.due("Asia/Tehran"), ["2025-12-18T23:45:00+03:30"])

    def test_time_of_day_is_kept_across_a_change_of_offset(self):
        self.add(("pending", local("Europe/Berlin", "2026-03-28T09:00")))  # the clocks change on the 29th
        self.run_at("Europe/Berlin", "2026-03-30T07:30")
        self.assertEqual(self.due("Europe/Berlin"), ["2026-03-30T09:00:00+02:00"])
        self.add(("pending", local("America/New_York", "2025-10-31T23:30")))  # and there on the 2nd of November
        self.run_at("America/New_York", "2026-06-01T07:30")
        self.assertEqual(self.due("America/New_York")[1], "2026-06-01T23:30:00-04:00")

    def test_a_time_in_a_gap_is_moved_to_its_end(self):
        self.add(("pending", local("Europe/Berlin", "2026-03-27T02:30:15")), ("pending", local("Europe/Berlin", "2026-03-27T03:00")))
        self.run_at("Europe/Berlin", "2026-03-29T07:30")
        self.assertEqual(self.due("Europe/Berlin"), ["2026-03-29T03:00:00+02:00"] * 2)

    def test_a_time_in_an_overlap_is_the_first(self):
        self.add(("pending", local("Europe/Berlin", "2026-10-23T02:30")))
        self.run_at("Europe/Berlin", "2026-10-25T07:30")
        self.assertEqual(self.due("Europe/Berlin"), ["2026-10-25T02:30:00+02:00"])

    def test_a_day_that_begins_in_a_gap(self):
        # In Tehran the 22nd of March 2022 began at 01:00.
        self.add(("pending", local("Asia/Tehran", "2022-03-22T01:00")), ("pending", local("Asia/Tehran", "2022-03-21T23:59")))
        result, _ = self.run_at("Asia/Tehran", "2022-03-22T07:30")
        self.assertEqual([task["id"] for task in result["task_details"]], [2])

    def test_all_or_nothing(self):
        self.add(*[("pending", local("Asia/Tehran", "2025-12-10T09:00"))] * 3)
        with closing(sqlite3.connect(self.database)) as database:
            database.executescript("""CREATE TRIGGER refuse BEFORE UPDATE ON tasks WHEN new.id = 3
                                      BEGIN SELECT RAISE(ABORT, 'the third is refused'); END;""")
        before = self.rows()
        result, done = self.run_at("Asia/Tehran", "2025-12-18T07:30", expect=1)
        self.assertEqual(self.rows(), before)
        self.assertEqual([result[member] for member in MEMBERS], [False, 0, 0, "2025-12-18T07:30:00+03:30", []])
        self.assertIn("the third is refused; no task was moved", done.stderr)

    def test_a_missing_database_is_not_created(self):
        self.database.unlink()
        result, done = self.run_at("Asia/Tehran", "2025-12-18T07:30", expect=1)
        self.assertFalse(result["success"])
        self.assertIn("unable to open database file", done.stderr)
        self.assertFalse(self.database.exists())

    def test_the_result_is_bounded(self):
        self.add(*[("pending", local("Asia/Tehran", "2025-12-10T09:00"))] * 3000)
        with closing(sqlite3.connect(self.database)) as database, database:
            database.execute("UPDATE tasks SET title = ?", ("کار" * 1000,))
        result, done = self.run_at("Asia/Tehran", "2025-12-18T07:30")
        self.assertEqual((result["tasks_rescheduled"], len(result["task_details"])), (3000, 1000))
        self.assertLess(self.result.stat().st_size, 1024 * 1024)
        self.assertEqual(len(done.stdout.splitlines()), 3001)

    def test_an_unknown_zone(self):
        done = subprocess.run([sys.executable, PROGRAM, "--database", self.database, "--timezone", "Mars/Olympus"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("Mars/Olympus: no such time zone", done.stderr)


if __name__ == "__main__":
    unittest.main()
