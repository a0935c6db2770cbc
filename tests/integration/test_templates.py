"""The templates that ship, from `taktctl template new` to what they leave, with real programs, files and servers."""

import json
import os
import sqlite3
import subprocess
import unittest

from PIL import Image, ImageDraw, ImageFont

import harness
import servers

TEMPLATES = os.path.join(harness.SOURCE, "templates")
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
ENGLISH = "The invoice of 3 May 2026\nfor the garden is excellent.\nWrite to joe@example.org"
GERMAN = "Die Rechnung für das Haus\nist schön und größer als\ndie Straße, leider spät."


def draw(text, path):
    image = Image.new("L", (1100, 90 + 80 * len(text.splitlines())), 255)
    ImageDraw.Draw(image).multiline_text((40, 40), text, font=ImageFont.truetype(FONT, 44), fill=0, spacing=24)
    image.save(path, resolution=150)


def pdf(text):
    """A PDF that holds a text: ISO 32000-1, one page, one of the 14 fonts that need no file."""
    lines = "".join(f"({line}) Tj T*\n" for line in text.splitlines())
    stream = f"BT /F1 14 Tf 18 TL 72 720 Td\n{lines}ET"
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
               f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
               "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    out, places = "%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    out += f"xref\n0 6\n0000000000 65535 f \n{table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out.encode("latin-1")


class Template(harness.TestCase):
    template = None

    def setUp(self):
        super().setUp()
        text = self.taktctl("template", "new", self.template, "--templates", TEMPLATES).stdout
        self.daemon.define(self.template, self.changed(text.replace('delay = "5s"', 'delay = "50ms"')))
        self.daemon.start()

    def environment(self):
        return {"DBUS_SESSION_BUS_ADDRESS": self.bus.address}

    def changed(self, text):
        return text

    def start(self, status=0, **inputs):
        """Runs it to its end; its description."""
        arguments = [word for key, value in inputs.items()
                     for word in ("--input", f"{key}={value if isinstance(value, str) else json.dumps(value)}")]
        done = self.taktctl("--json=short", "start", self.template, "--wait", *arguments, status=None)
        execution = self.taktctl_json("status", str(json.loads(done.stdout)["id"]))
        self.assertEqual(done.returncode, status, json.dumps(execution, indent=1))
        return execution

    def states(self, execution):
        return {step["name"]: step["state"] for step in execution["steps"]}

    def file(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)


class DocumentProcessing(Template):
    template = "document-processing"

    def changed(self, text):
        os.makedirs(self.path("inbox"))
        for kind in ("pdf", "png"):
            text += (f'\n[[trigger]]\npath = "{self.path("inbox")}/*.{kind}"\n'
                     f'inputs = {{ file = "${{trigger.path}}", database = "{self.path("documents.db")}" }}\n')
        return text

    def process(self, file, status=0, **inputs):
        return self.start(status, file=file, database=self.path("documents.db"), **inputs)

    def find(self, words):
        done = subprocess.run(["/usr/bin/python3", os.path.join(TEMPLATES, "document-store.py"), "find", self.path("documents.db"), words],
                              capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_a_pdf_is_read_analysed_and_found(self):
        file = self.file("it's $(id) \"a\" document.pdf", pdf(ENGLISH))
        states = self.states(self.process(file))
        self.assertEqual((states["read_pdf"], states["read_scan"], states["read_image"]), ("succeeded", "skipped", "skipped"))
        found, = self.find("garden invoice")
        self.assertEqual(found["file"], file)
        self.assertEqual(found["analysis"]["language"], "eng")
        self.assertEqual(found["analysis"]["tone"], "good")
        self.assertEqual(found["analysis"]["entities"]["emails"], ["joe@example.org"])
        self.assertEqual(found["analysis"]["entities"]["dates"], ["3 May 2026"])

    def test_images_are_read_in_both_languages(self):
        draw(ENGLISH, self.path("english.png"))
        draw(GERMAN, self.path("german.png"))
        self.process(self.path("english.png"))
        self.process(self.path("german.png"))
        english, = self.find("excellent garden")
        german, = self.find("größer Straße")
        self.assertEqual((english["analysis"]["language"], german["analysis"]["language"]), ("eng", "deu"))
        self.assertEqual(german["analysis"]["tone"], "bad")

    def test_a_scan_in_a_pdf_is_read_page_by_page(self):
        draw(GERMAN, self.path("scan.pdf"))
        states = self.states(self.process(self.path("scan.pdf")))
        self.assertEqual((states["read_pdf"], states["read_scan"]), ("succeeded", "succeeded"))
        self.assertEqual(len(self.find("Rechnung Haus")), 1)

    def test_what_is_not_taken_is_refused_by_its_content(self):
        with open("/bin/true", "rb") as file:
            program = file.read()
        for name, content, inputs, message in (
                ("program.pdf", program, {}, "is not taken"),
                ("large.txt", b"words " * 100, {"max_bytes": 10}, "at most 10 are taken")):
            with self.subTest(name):
                execution = self.process(self.file(name, content), 1, **inputs)
                self.assertEqual(execution["error_step"], "check")
                self.assertIn(message, execution["attempts"][-1]["output_tail"])
        self.assertFalse(os.path.exists(self.path("documents.db")))

    def test_a_failure_afterwards_takes_the_document_out_again(self):
        self.process(self.file("kept.txt", b"the first text about apples"))
        execution = self.process(self.file("gone.txt", b"the second text about apples"), 1,
                                 archive=self.path("no/such/folder"))
        self.assertEqual(execution["error_step"], "archive")
        self.assertEqual(self.states(execution)["store"], "undone")
        self.assertEqual([each["file"] for each in self.find("apples")], [self.path("kept.txt")])

    def test_a_stored_document_moves_to_the_archive(self):
        os.makedirs(self.path("archive"))
        self.process(self.file("a.txt", b"words"), archive=self.path("archive"))
        self.assertEqual(os.listdir(self.path("archive")), ["a.txt"])

    def test_documents_that_are_dropped_start_it_and_others_do_not(self):
        client = self.client()
        client.subscribe()
        draw(ENGLISH, self.path("new.png"))
        self.file("new.pdf", pdf(GERMAN.replace("ß", "ss")))
        for name in ("notes.txt", "table.csv", "pdf", "picture.png.part"):
            self.file("inbox/" + name, b"words")
        for name in ("new.png", "new.pdf"):
            os.rename(self.path(name), self.path("inbox/" + name))
        for _ in range(2):
            client.until_signal("ExecutionFinished", lambda *arguments: self.finished(client) == 2)
        rows = [self.taktctl_json("status", str(row["id"])) for row in self.taktctl_json("history", "--all")]
        self.assertEqual(sorted(os.path.basename(row["inputs"]["file"]) for row in rows), ["new.pdf", "new.png"])
        self.assertEqual({row["state"] for row in rows}, {"succeeded"})
        self.assertEqual({row["trigger_kind"] for row in rows}, {"path"})

    def finished(self, client):
        return sum(member == "ExecutionFinished" for member, _, _ in client.signals)


class DataPipeline(Template):
    template = "data-pipeline"
    RECORDS = [{"ID": 1, " Name ": " ann ", "note": ""}, {"id": 2, "name": "bob"}, {"id": 1, "name": "anna"}]

    def serve(self, documents, refusals=0):
        server = servers.Http(documents, refusals)
        self.addCleanup(server.close)
        return server

    def rows(self):
        database = sqlite3.connect(self.path("records.db"))
        try:
            return [json.loads(record) for record, in database.execute("SELECT record FROM processed_data ORDER BY id")]
        finally:
            database.close()

    def run_on(self, url, status=0, **inputs):
        return self.start(status, url=url, database=self.path("records.db"), **inputs)

    def test_records_are_put_in_order_and_appended(self):
        server = self.serve({"/a": self.RECORDS, "/b": {"records": [{"id": "x"}]}}, refusals=1)
        execution = self.run_on(server.url("/a"), enrich={"region": "eu", "name": "nobody"})
        steps = {step["name"]: step for step in execution["steps"]}
        self.assertEqual(steps["extract"]["attempts"], 2)
        self.assertEqual(steps["transform"]["result"], {"records": 2, "extracted": 3})
        source = {"region": "eu", "source": server.url("/a")}
        first = [{"id": 1, "name": "anna", **source}, {"id": 2, "name": "bob", **source}]
        self.assertEqual(self.rows(), first)
        self.run_on(server.url("/b"))
        self.assertEqual(self.rows(), [*first, {"id": "x", "source": server.url("/b")}])

    def test_one_wrong_record_keeps_all_out(self):
        server = self.serve({"/a": [*self.RECORDS, {"id": 1.5}, {"name": "nobody"}]})
        execution = self.run_on(server.url("/a"), 1)
        self.assertEqual(execution["error_step"], "validate")
        self.assertIn("2 errors", execution["attempts"][-1]["output_tail"])
        self.assertFalse(os.path.exists(self.path("records.db")))

    def test_a_server_that_has_nothing_fails_it_after_its_retries(self):
        execution = self.run_on(self.serve({}).url("/none"), 1)
        self.assertEqual(execution["error_step"], "extract")
        self.assertEqual(execution["steps"][0]["attempts"], 4)

    def test_a_rollback_takes_out_what_it_loaded_and_no_more(self):
        server = self.serve({"/a": self.RECORDS, "/b": [{"id": 9}]})
        self.run_on(server.url("/a"))
        execution = self.run_on(server.url("/b"))
        self.taktctl("rollback", str(execution["id"]))
        self.taktctl("wait", str(execution["id"]), status=None)
        self.assertEqual([row["id"] for row in self.rows()], [1, 2])


class NotificationFlow(Template):
    template = "notification-flow"
    VARIABLES = {"title": "Backup ended: \"fine\"", "text": "All 3 disks.\nSchöne Grüße"}

    def server(self, made):
        self.addCleanup(made.close)
        return made

    def test_every_channel_gets_the_message(self):
        mail, web = self.server(servers.Smtp()), self.server(servers.Http(refusals=1))
        desktop = self.server(servers.Notifications(self.bus.address))
        execution = self.start(variables=self.VARIABLES, recipients=["ann@example.org", "bob@example.org"],
                               smtp=f"smtp://127.0.0.1:{mail.port}", chat=web.url("/chat"), webhook=web.url("/hook"),
                               desktop=True)
        self.assertEqual(set(self.states(execution).values()), {"succeeded"})
        (sender, recipients, text), = mail.mails
        self.assertEqual((sender, recipients), ("takt@localhost", ["ann@example.org", "bob@example.org"]))
        self.assertIn('Subject: Backup ended: "fine"', text)
        posts = dict(web.posts)
        self.assertEqual(len(web.posts), 2)
        self.assertEqual(posts["/chat"], {"text": "Backup ended: \"fine\"\nAll 3 disks.\nSchöne Grüße\n\nSent by takt."})
        self.assertEqual(posts["/hook"]["variables"], self.VARIABLES)
        self.assertEqual(posts["/hook"]["execution"], execution["id"])
        shown, = desktop.shown
        self.assertEqual(shown, ("takt", 0, "dialog-information", self.VARIABLES["title"],
                                 "All 3 disks.\nSchöne Grüße\n\nSent by takt.", [], {}, -1))

    def test_channels_without_an_address_are_left_out(self):
        execution = self.start(variables=self.VARIABLES)
        self.assertEqual(self.states(execution), {"prepare": "succeeded", "email": "skipped", "chat": "skipped",
                                                  "webhook": "skipped", "desktop": "skipped"})

    def test_one_channel_that_fails_does_not_stop_the_others(self):
        mail, web = self.server(servers.Smtp("550 no such user")), self.server(servers.Http())
        execution = self.start(1, variables=self.VARIABLES, recipients=["nobody@example.org"],
                               smtp=f"smtp://127.0.0.1:{mail.port}", chat=web.url("/chat"))
        self.assertEqual(execution["error_step"], "email")
        self.assertEqual(self.states(execution)["chat"], "succeeded")
        self.assertEqual([path for path, _ in web.posts], ["/chat"])

    def test_a_variable_that_is_missing_sends_nothing(self):
        web = self.server(servers.Http())
        execution = self.start(1, variables={"title": "x"}, chat=web.url("/chat"))
        self.assertEqual(execution["error_step"], "prepare")
        self.assertEqual(web.posts, [])


class Verbs(harness.TestCase):
    def test_templates_are_listed_shown_and_used(self):
        listed = self.taktctl_json("template", "list", "--templates", TEMPLATES)
        self.assertEqual([each["name"] for each in listed], ["data-pipeline", "document-processing", "notification-flow"])
        required = {each["name"]: [i["name"] for i in each["inputs"] if i["required"]] for each in listed}
        self.assertEqual(required, {"data-pipeline": ["url"], "document-processing": ["file"], "notification-flow": []})
        self.assertIn("notification-flow", self.taktctl("template", "list", "--templates", TEMPLATES).stdout)
        self.assertIn("[[step]]", self.taktctl("template", "show", "data-pipeline", "--templates", TEMPLATES).stdout)
        self.taktctl("template", "show", "nothing", "--templates", TEMPLATES, status=3)
        file = self.path("mine.toml")
        self.taktctl("template", "new", "data-pipeline", "--templates", TEMPLATES, "-o", file)
        self.taktctl("check", file)
        self.taktctl("template", "new", "data-pipeline", "--templates", TEMPLATES, "-o", file, status=1)
        self.taktctl("template", "new", "data-pipeline", "--templates", TEMPLATES, "--as", "Not A Name", status=1)


if __name__ == "__main__":
    unittest.main()
