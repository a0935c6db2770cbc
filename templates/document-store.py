"""Documents in an SQLite file, their texts in a full-text index.

  document-store.py add DATABASE EXECUTION FILE TEXT < ANALYSIS   prints {"id": …}; again for the same execution: replaces
  document-store.py remove DATABASE EXECUTION
  document-store.py find DATABASE WORDS                           prints a line of JSON for each document, best first
Exit status 75 (EX_TEMPFAIL): the database is in use; try again.
"""

import contextlib
import json
import os
import sqlite3
import sys

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents(
  id INTEGER PRIMARY KEY, execution INTEGER NOT NULL UNIQUE, file TEXT NOT NULL,
  stored_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, analysis TEXT NOT NULL) STRICT;
CREATE VIRTUAL TABLE IF NOT EXISTS texts USING fts5(text, tokenize = "unicode61 remove_diacritics 2");
"""


def remove(database, execution):
    for (document,) in database.execute("SELECT id FROM documents WHERE execution = ?", (execution,)).fetchall():
        database.execute("DELETE FROM texts WHERE rowid = ?", (document,))
        database.execute("DELETE FROM documents WHERE id = ?", (document,))


def add(database, execution, file, text):
    analysis = json.dumps(json.load(sys.stdin), ensure_ascii=False)
    remove(database, execution)
    document = database.execute("INSERT INTO documents(execution, file, analysis) VALUES (?, ?, ?)",
                                (execution, file, analysis)).lastrowid
    with open(text, encoding="utf-8", errors="replace") as source:
        database.execute("INSERT INTO texts(rowid, text) VALUES (?, ?)", (document, source.read()))
    print(json.dumps({"id": document}))


def find(database, words):
    query = " ".join('"%s"' % word.replace('"', '""') for word in words.split())
    rows = database.execute("SELECT d.id, d.file, d.stored_at, d.analysis FROM texts JOIN documents d ON d.id = texts.rowid "
                            "WHERE texts MATCH ? ORDER BY rank", (query,))
    for document, file, stored_at, analysis in rows:
        print(json.dumps({"id": document, "file": file, "stored_at": stored_at, "analysis": json.loads(analysis)},
                         ensure_ascii=False))


def main():
    verb, path, *arguments = sys.argv[1:]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as database, database:
            database.executescript(SCHEMA)
            {"add": add, "remove": remove, "find": find}[verb](database, *arguments)
    except sqlite3.OperationalError as error:
        print(f"{path}: {error}", file=sys.stderr)
        sys.exit(75 if "locked" in str(error) else 74)


if __name__ == "__main__":
    main()
