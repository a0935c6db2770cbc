"""What taktctl makes of other systems' workflows, run by the real daemon with real programs."""

import json
import os
import tomllib
import unittest

import harness

# The example of the Flow Manager's own documentation.
FLOW = {
    "flow": {
        "id": "data-pipeline-001",
        "name": "Data Processing Pipeline",
        "start_task": "task1",
        "tasks": [
            {"name": "task1", "description": "Fetch data"},
            {"name": "task2", "description": "Process data"},
            {"name": "task3", "description": "Store data"},
        ],
        "conditions": [
            {"name": "after_fetch", "source_task": "task1", "outcome": "success", "target_task_success": "task2",
             "target_task_failure": "end"},
            {"name": "after_process", "source_task": "task2", "outcome": "success", "target_task_success": "task3",
             "target_task_failure": "end"},
        ],
    }
}

# A task, as the three of the example are: it sees the results before it, gives its own, and fails when it is told to.
TASK = '''#!/usr/bin/python3
import json, os, sys, time
name = os.path.basename(sys.argv[0])
told = json.loads(os.environ["TAKT_INPUT_INPUT_CONTEXT"])
if told.get("fail") == name:
    sys.exit(f"{name}: failed to connect to data source")
with open(os.environ["TAKT_CONTEXT"]) as file:
    steps = json.load(file)["steps"]
with open(os.environ["TAKT_RESULT"], "w") as file:
    json.dump({"saw": sorted(step for step, what in steps.items() if what.get("result"))}, file)
'''

WORKFLOW = '''
name: Document Processing
description: OCR, extract, and analyze documents
steps:
  - type: upload
    name: Upload Document
    config:
      max_size: 10485760  # 10MB
      allowed_types: [pdf, docx, jpg, png]
  - type: ocr
    name: Extract Text
    parallel_group: 1
    retries: 2
    timeout: 300
    config:
      engine: tesseract
      languages: [eng, deu]
  - type: analyze
    name: Analyze Content
    parallel_group: 1
    config:
      extract_entities: true
      sentiment_analysis: true
  - type: store
    name: Store Results
    colour: blue
    config:
      destination: database
      vector_store: true
'''

# What an imported step's program does here: it keeps what it was given.
PROGRAM = '''#!/bin/sh
cat > "$LOG.${0##*/}"
'''


class Imported(harness.TestCase):
    def define(self, kind, source, name, program, tasks, **environment):
        """Imports, checks, and lets the steps find their programs by a drop-in."""
        bin = self.path("bin")
        os.makedirs(bin, exist_ok=True)
        for task in tasks:
            with open(os.path.join(bin, task), "w") as file:
                file.write(program)
            os.chmod(os.path.join(bin, task), 0o755)
        done = self.taktctl("import", kind, "-", "--as", name, input=source)
        self.daemon.define(name, done.stdout)
        folder = os.path.join(self.daemon.processes, name + ".toml.d")
        os.makedirs(folder)
        variables = dict(environment, PATH=f"{bin}:/usr/bin:/bin")
        with open(os.path.join(folder, "10-programs.toml"), "w") as file:
            file.write("[environment]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in variables.items()))
        return done

    def run_flow(self, flow, context):
        """One execution of a flow: its outcome, its description, and the steps that ran, in the order of their ends."""
        if not self.daemon.process:
            self.define("flow", json.dumps(flow), "flow", TASK, [task["name"] for task in flow["flow"]["tasks"]])
            self.daemon.start()
            self.bus_client = self.client()
        done = self.taktctl("--json=short", "start", "flow", "--wait", "--input", "input_context=" + json.dumps(context),
                            status=None)
        execution = self.taktctl_json("status", str(json.loads(done.stdout)["id"]))
        order = {step["Name"]: step.get("Order") for step in self.bus_client.describe(execution["id"])["Steps"]}
        ran = [step for step in execution["steps"] if step["state"] not in ("pending", "skipped")]
        ran.sort(key=lambda step: order[step["name"]])
        self.assertEqual([order[step["name"]] for step in ran], list(range(len(ran))))  # the sequence numbers
        return done.returncode, execution, ran

    def test_the_three_tasks_run_one_after_another(self):
        status, execution, ran = self.run_flow(FLOW, {})
        self.assertEqual(status, 0)
        self.assertEqual(execution["state"], "succeeded")
        self.assertEqual([step["name"] for step in ran], ["task1", "task2", "task3"])
        for before, step in zip([None, *ran], ran):
            self.assertEqual(step["state"], "succeeded")
            self.assertGreater(step["duration_us"], 0)
            if before:
                self.assertGreaterEqual(step["started_at"], before["ended_at"])
        self.assertEqual(ran[2]["result"], {"saw": ["task1", "task2"]})

    def test_a_failure_of_each_task_ends_the_flow_and_is_told(self):
        for place, task in enumerate(["task1", "task2", "task3"]):
            with self.subTest(task):
                status, execution, ran = self.run_flow(FLOW, {"fail": task})
                self.assertEqual(status, 1)
                self.assertEqual(execution["state"], "failed")
                self.assertEqual([step["name"] for step in ran], ["task1", "task2", "task3"][:place + 1])
                self.assertEqual([step["state"] for step in ran], ["succeeded"] * place + ["failed"])
                self.assertEqual(execution["error_step"], task)
                self.assertIn("exit status 1", execution["reason"])
                last = [attempt for attempt in execution["attempts"] if attempt["step"] == task][-1]
                self.assertIn(f"{task}: failed to connect to data source", last["output_tail"])

    def test_any_leads_on_from_either_outcome(self):
        flow = json.loads(json.dumps(FLOW))
        flow["flow"]["conditions"] = [
            {"name": "either", "source_task": "task1", "outcome": "any", "target_task_success": "task2",
             "target_task_failure": "task3"},
            {"name": "done", "source_task": "task2", "outcome": "any", "target_task_success": "end",
             "target_task_failure": "task3"},
        ]
        for fail, path, status in (("", ["task1", "task2"], 0), ("task1", ["task1", "task3"], 0),
                                   ("task2", ["task1", "task2", "task3"], 0)):
            with self.subTest(fail):
                ended, execution, ran = self.run_flow(flow, {"fail": fail})
                self.assertEqual(ended, status)
                self.assertEqual([step["name"] for step in ran], path)
                for step in ran:  # the record keeps what failed and was handled
                    self.assertEqual(step["state"], "failed" if step["name"] == fail else "succeeded")

    def test_a_workflow_runs_with_its_configs(self):
        log = self.path("log")
        done = self.define("workflow", WORKFLOW, "documents", PROGRAM, ["upload", "ocr", "analyze", "store"], LOG=log)
        self.assertIn("colour", done.stderr)
        self.assertIn("colour", done.stdout)
        steps = tomllib.loads(done.stdout)["step"]
        self.assertEqual([step["name"] for step in steps],
                         ["Upload_Document", "Extract_Text", "Analyze_Content", "Store_Results"])
        self.assertEqual(steps[1]["retry"], {"limit": 2})
        self.assertEqual(steps[1]["timeout"], 300)
        self.daemon.start()
        self.taktctl("start", "documents", "--wait")
        given = {}
        for task in ["upload", "ocr", "analyze", "store"]:  # two of them run side by side
            with open(f"{log}.{task}") as file:
                given[task] = file.read()
        self.assertEqual(json.loads(given["ocr"]), {"engine": "tesseract", "languages": ["eng", "deu"]})
        self.assertEqual(json.loads(given["upload"])["allowed_types"], ["pdf", "docx", "jpg", "png"])
        self.assertEqual(json.loads(given["store"]), {"destination": "database", "vector_store": True})

    def test_what_cannot_be_written_is_not(self):
        folder = self.path("out")
        self.taktctl("import", "flow", "-", "-o", folder, input=json.dumps(FLOW))
        self.assertEqual(os.listdir(folder), ["data-pipeline-001.toml"])
        again = self.taktctl("import", "flow", "-", "-o", folder, input=json.dumps(FLOW), status=None)
        self.assertNotEqual(again.returncode, 0)
        self.assertIn("--force", again.stderr)
        self.taktctl("import", "flow", "-", "-o", folder, "--force", input=json.dumps(FLOW))
        broken = json.loads(json.dumps(FLOW))
        broken["flow"]["conditions"][0]["target_task_success"] = "nowhere"
        self.assertIn("nowhere", self.taktctl("import", "flow", "-", "-o", folder, "--as", "other",
                                              input=json.dumps(broken), status=2).stderr)
        self.taktctl("import", "workflow", "-", "-o", folder, input="name: [", status=2)
        self.taktctl("import", "flow", "-", input="{", status=2)
        self.assertEqual(os.listdir(folder), ["data-pipeline-001.toml"])


if __name__ == "__main__":
    unittest.main()
