"""A message from a template, and by e-mail.

  message.py prepare TEMPLATE < VARIABLES          prints {"subject", "text"}; TEMPLATE is a subject, an empty line, a
                                                   text, with $name for each variable. One that is missing is an error.
  message.py send SMTP_URL SENDER RECIPIENTS < MESSAGE    RECIPIENTS is a JSON array
Exit status 75 (EX_TEMPFAIL): the mail server cannot be reached or says to come again; 65: it refuses for good.
"""

import email.message
import email.utils
import json
import smtplib
import string
import sys
import urllib.parse


def prepare(path):
    variables = json.load(sys.stdin)
    with open(path, encoding="utf-8") as file:
        template = string.Template(file.read())
    try:
        message = template.substitute(variables)
    except KeyError as missing:
        sys.exit(f"{path}: the variable {missing.args[0]} is not given")
    subject, _, text = message.partition("\n\n")
    json.dump({"subject": " ".join(subject.split()), "text": text.strip()}, sys.stdout, ensure_ascii=False)


def send(url, sender, recipients):
    message = json.load(sys.stdin)
    mail = email.message.EmailMessage()
    mail["From"] = sender
    mail["To"] = ", ".join(json.loads(recipients))
    mail["Subject"] = message["subject"]
    mail["Date"] = email.utils.formatdate(localtime=True)
    mail["Message-ID"] = email.utils.make_msgid(domain="takt.invalid")
    mail.set_content(message["text"] + "\n")
    server = urllib.parse.urlsplit(url)
    kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(server.hostname, server.port or 0, timeout=60) as connection:
            refused = connection.send_message(mail)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        codes = [code for code, _ in error.recipients.values()] if hasattr(error, "recipients") else [error.smtp_code]
        print(error, file=sys.stderr)
        sys.exit(65 if all(code >= 500 for code in codes) else 75)
    except (OSError, smtplib.SMTPException) as error:
        print(f"{url}: {error}", file=sys.stderr)
        sys.exit(75)
    if refused:
        print(f"refused: {refused}", file=sys.stderr)
        sys.exit(65)


if __name__ == "__main__":
    {"prepare": prepare, "send": send}[sys.argv[1]](*sys.argv[2:])
