"""python3 analyse-text.py FILE: what a text in English or German says, as JSON on standard output."""

import collections
import json
import re
import sys

# Frequent words that tell the language and mean nothing else.
COMMON = {
    "eng": set("the of and to in is that for it as was with be on not by this are from at or an have which you".split()),
    "deu": set("der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden".split()),
}
GOOD = set("good great excellent thanks pleased happy success gut sehr toll danke erfreut erfolgreich zufrieden".split())
BAD = set("bad poor late error failed problem complaint schlecht spät fehler mangel problem beschwerde leider".split())
MONTHS = ("January February March April May June July August September October November December "
          "Januar Februar März Mai Juni Juli Oktober Dezember").split()
ENTITIES = {
    "emails": r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b",
    "urls": r"\bhttps?://[^\s<>\"')]+",
    "dates": r"\b(?:\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}\.? (?:%s) \d{4})\b" % "|".join(MONTHS),
    "amounts": r"(?:[€$£] ?\d[\d.,]*\d|\b\d[\d.,]* ?(?:EUR|USD|GBP|€|\$))",
}
LIMIT = 100  # of each kind of entity


def analyse(text):
    words = re.findall(r"[^\W\d_]{2,}", text.lower())
    counts = collections.Counter(words)
    known = {language: sum(counts[word] for word in common) for language, common in COMMON.items()}
    meaning = collections.Counter({w: n for w, n in counts.items() if not any(w in c for c in COMMON.values())})
    tone = sum(counts[word] for word in GOOD) - sum(counts[word] for word in BAD)
    return {
        "characters": len(text),
        "lines": len(text.splitlines()),
        "words": len(words),
        "distinct_words": len(counts),
        "frequent": [[word, count] for word, count in sorted(meaning.items(), key=lambda each: (-each[1], each[0]))[:10]],
        "language": max(known, key=known.get) if any(known.values()) else None,
        "tone": "good" if tone > 0 else "bad" if tone < 0 else "neutral",
        "entities": {kind: list(dict.fromkeys(re.findall(pattern, text)))[:LIMIT] for kind, pattern in ENTITIES.items()},
    }


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        json.dump(analyse(file.read()), sys.stdout, ensure_ascii=False)
