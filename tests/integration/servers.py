"""Servers for steps to talk to: HTTP, SMTP, and the desktop's notifications. Each keeps what it was told."""

import http.server
import json
import socketserver
import threading

from gi.repository import Gio, GLib


class _Server:
    """A server in a thread of its own, on a port that the system chooses."""

    def __init__(self, server):
        self.server = server
        self.port = server.server_address[1]
        self.thread = threading.Thread(target=server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Http(_Server):
    """Answers GET from `documents` (by path), and any POST with {"ok": true}; the first `refusals` requests get 503."""

    def __init__(self, documents=None, refusals=0):
        self.posts = []  # (path, body as JSON)
        self.requests = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, status, document):
                outer.requests += 1
                if outer.requests <= refusals:
                    status, document = 503, {}
                text = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                return status

            def do_GET(self):
                found = (documents or {}).get(self.path)
                self.answer(404 if found is None else 200, found)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.answer(200, {"ok": True}) == 200:
                    outer.posts.append((self.path, json.loads(body)))

            def log_message(self, *arguments):
                pass

        super().__init__(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"


class Smtp(_Server):
    """Takes mail as RFC 5321 has it, as much of it as smtplib speaks, and keeps (sender, recipients, text)."""

    def __init__(self, refuse=None):
        self.mails = []
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, text):
                self.wfile.write(text.encode() + b"\r\n")

            def handle(self):
                sender, recipients = None, []
                self.say("220 sink")
                while line := self.rfile.readline().decode().strip():
                    verb = line.split(":")[0].split(" ")[0].upper()
                    if verb == "MAIL":
                        sender, recipients = line.split("<")[1].split(">")[0], []
                    elif verb == "RCPT" and refuse:
                        self.say(refuse)
                        continue
                    elif verb == "RCPT":
                        recipients.append(line.split("<")[1].split(">")[0])
                    elif verb == "DATA":
                        self.say("354 go on")
                        lines = []
                        while (text := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                            lines.append(text.removeprefix("."))
                        outer.mails.append((sender, recipients, "\n".join(lines)))
                    elif verb == "QUIT":
                        self.say("221 bye")
                        return
                    self.say("250 ok")

        super().__init__(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))


class Notifications:
    """org.freedesktop.Notifications on a bus, in a thread of its own; keeps the arguments of Notify."""

    XML = """<node><interface name="org.freedesktop.Notifications"><method name="Notify">
      <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
      <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
      <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/>
    </method></interface></node>"""

    def __init__(self, address):
        self.shown = []
        self.loop = None
        ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(address, ready))
        self.thread.start()
        ready.wait()

    def _run(self, address, ready):
        context = GLib.MainContext.new()
        context.push_thread_default()
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)

        def call(_connection, _sender, _path, _interface, _method, parameters, invocation):
            self.shown.append(parameters.unpack())
            invocation.return_value(GLib.Variant("(u)", (len(self.shown),)))

        interface = Gio.DBusNodeInfo.new_for_xml(self.XML).interfaces[0]
        connection.register_object("/org/freedesktop/Notifications", interface, call, None, None)
        connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
                             GLib.Variant("(su)", ("org.freedesktop.Notifications", 0)), None,
                             Gio.DBusCallFlags.NONE, -1, None)
        self.loop = GLib.MainLoop.new(context, False)
        ready.set()
        self.loop.run()
        connection.close_sync(None)
        context.pop_thread_default()

    def close(self):
        self.loop.quit()
        self.thread.join()
