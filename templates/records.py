"""Records, as an array of objects in a JSON file.

  records.py validate SCHEMA FILE                        says all that is wrong; exit status 65 (EX_DATAERR)
  records.py load DATABASE TABLE EXECUTION KEY FILE      appends them to a table of an SQLite file, all or none; prints
                                                         {"loaded": N}; again for the same execution: replaces
  records.py remove DATABASE TABLE EXECUTION             takes back what an execution loaded
Exit status 75 (EX_TEMPFAIL): the database is in use; try again.
"""

import contextlib
import json
import os
import sqlite3
import sys

SHOWN = 100  # errors


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def validate(schema_path, path):
    import jsonschema  # of its own package, which the other verbs do not need
    schema = read(schema_path)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)
    wrong = 0
    for place, record in enumerate(read(path)):
        for error in validator.iter_errors(record):
            wrong += 1
            if wrong <= SHOWN:
                print(f"record {place + 1}: {error.json_path}: {error.message}", file=sys.stderr)
    if wrong:
        print(f"{wrong} errors", file=sys.stderr)
        sys.exit(65)


@contextlib.contextmanager
def opened(path):
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as database, database:
            yield database
    except sqlite3.OperationalError as error:
        print(f"{path}: {error}", file=sys.stderr)
        sys.exit(75 if "locked" in str(error) else 74)


def load(path, table, execution, key, records_path):
    records = read(records_path)
    with opened(path) as database:
        database.execute(f'CREATE TABLE IF NOT EXISTS "{table}"(id INTEGER PRIMARY KEY, execution INTEGER NOT NULL, '
                         "key TEXT, record TEXT NOT NULL, loaded_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) STRICT")
        database.execute(f'DELETE FROM "{table}" WHERE execution = ?', (execution,))
        database.executemany(f'INSERT INTO "{table}"(execution, key, record) VALUES (?, ?, ?)',
                             [(execution, str(each.get(key)), json.dumps(each, ensure_ascii=False)) for each in records])
    print(json.dumps({"loaded": len(records)}))


def remove(path, table, execution):
    with opened(path) as database:
        database.execute(f'DELETE FROM "{table}" WHERE execution = ?', (execution,))


if __name__ == "__main__":
    {"validate": validate, "load": load, "remove": remove}[sys.argv[1]](*sys.argv[2:])
