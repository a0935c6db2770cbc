"""The rules, each a generator of violations: it takes the tree as {path: text} and yields "path:line: what is wrong"."""

import posixpath
import re
import xml.dom.minidom
from pathlib import Path

PURE = {"calendar", "expression", "definition", "trigger", "engine"}

# What each folder may include, from docs/architecture.md: itself and what stands below it.
_BELOW_DEFINITION = {"base", "calendar", "expression"}
_BELOW_ENGINE = _BELOW_DEFINITION | {"definition", "trigger"}
_BELOW_LOOP = _BELOW_ENGINE | {"engine", "runtime"}
_MACHINE = _BELOW_LOOP | {"loop"}
MAY_INCLUDE = {
    "base": set(),
    "calendar": {"base"},
    "expression": {"base"},
    "definition": _BELOW_DEFINITION,
    "trigger": _BELOW_DEFINITION | {"definition"},
    "engine": _BELOW_ENGINE,
    "runtime": _BELOW_ENGINE | {"engine"},
    "loop": _BELOW_LOOP,
    "watch": _MACHINE,
    "action": _MACHINE,
    "store": _MACHINE,
    "bus": _MACHINE,
    "executor": _MACHINE | {"runner/protocol.h", "runner/packet.h"},
    "runner": {"base"},
    "cli": _BELOW_ENGINE | {"engine"},  # to play a definition on; its effects go nowhere
}
GENERATED = {"bus": "_adaptor.h", "cli": "_proxy.h"}  # from dbus/*.xml, at build time
COMPOSITION_ROOT = re.compile(r"daemon/[^/]*$")  # main and its options

CHECKOUT = str(Path(__file__).resolve().parents[2])

LONG_FILE = 500
LONG_FUNCTION = 70


def folder_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "daemon" and len(parts) > 2 else "cli" if parts[0] == "cli" else None


def sources(tree):
    """(path, folder, text) of the product's C++; folder is None for the composition root."""
    for path, text in tree.items():
        if re.match(r"(daemon|cli)/.*\.(h|cpp)(\.in)?$", path):
            yield path, folder_of(path), text


def find(path, text, pattern, message):
    for match in re.finditer(pattern, text, re.M):
        yield f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {message.format(*match.groups())}"


def includes_point_one_way(tree):
    for path, folder, text in sources(tree):
        if COMPOSITION_ROOT.match(path):
            continue
        if folder not in MAY_INCLUDE:
            yield f"{path}:1: the folder is none of the architecture's"
            continue
        for match in re.finditer(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
            target = match[1]
            line = text.count("\n", 0, match.start()) + 1
            if "/" not in target and target.endswith(GENERATED.get(folder, "\0")):
                continue
            top = target.split("/")[0]
            if top != folder and top not in MAY_INCLUDE[folder] and target not in MAY_INCLUDE[folder]:
                yield f"{path}:{line}: {folder} may not include {target}"


def own_header_comes_first(tree):
    for path, _, text in sources(tree):
        root = "" if path.startswith("cli/") else "daemon/"
        header = re.sub(r"\.cpp(\.in)?$", ".h", path)
        if header == path or header not in tree:
            continue
        first = re.search(r"^#include\s+(\S+)", text, re.M)
        if first is None or first[1] != f'"{header.removeprefix(root)}"':
            yield f'{path}:1: the first include is not "{header.removeprefix(root)}"'


def headers_are_included_once(tree):
    for path, _, text in sources(tree):
        if path.endswith(".h") and not re.search(r"^#pragma once$", text, re.M):
            yield f"{path}:1: no #pragma once"


def the_core_is_pure(tree):
    """No clock, no input or output, no log, but for where definitions and the tz database are read."""
    for path, folder, text in sources(tree):
        if folder not in PURE or re.match(r"daemon/(definition/(folders|file)|calendar/zone)\.", path):
            continue
        yield from find(path, text, r"_clock::now\(|\bclock_gettime\(|\btime\((?:nullptr|NULL|0)\)", "the core reads no clock")
        yield from find(path, text, r"^#include <(fstream|iostream|filesystem|unistd\.h|fcntl\.h|sys/(?!types\.h).*|systemd/.*)>",
                        "the core does no input or output: <{}>")
        yield from find(path, text, r"^#include <spdlog/.*>|\bspdlog::", "the core does not log")


def threads_stand_in_few_places(tree):
    for path, folder, text in sources(tree):
        if path != "daemon/base/thread.h" and folder != "store" and not path.startswith("daemon/watch/path_looks."):
            yield from find(path, text, r"\bstd::j?thread\b|\bthread_without_signals\b|\bpthread_create\b|\bstd::async\b",
                            "the only threads beside the loop's are the store's, and those that look for paths")


def descriptors_are_born_cloexec(tree):
    for path, _, text in sources(tree):
        for match in re.finditer(r"(?<![\w>:])::(open|openat|socket|socketpair|eventfd|epoll_create1|timerfd_create|signalfd|"
                                 r"inotify_init1|memfd_create|accept4|pipe2|fopen)\(([^;]*);", text):
            if not re.search(r'CLOEXEC|"\w*e\w*"', match[2]):
                line = text.count("\n", 0, match.start()) + 1
                yield f"{path}:{line}: {match[1]}() without CLOEXEC"
        yield from find(path, text, r"(?<![\w.>])(?:::)?(pipe|epoll_create|inotify_init|dup)\(", "{}() gives a descriptor that is not CLOEXEC"
                        ) if not path.startswith("daemon/runner/") else ()


def outside_names_stand_in_one_place(tree):
    names = tree.get("daemon/base/names.h", "")
    fields = "|".join(re.findall(r'"(TAKT_[A-Z_]+)"', names)) or "\0"
    for path, _, text in sources(tree):
        if path == "daemon/base/names.h":
            continue
        yield from find(path, text, r'"(org\.taktd[^"]*)"', "{} belongs in base/names.h")
        yield from find(path, text, rf'"({fields})"', "{} belongs in base/names.h")
        yield from find(path, text, r'"([0-9a-f]{32})"', "a MESSAGE_ID belongs in base/names.h: {}")


def the_manual_lists_every_message_id(tree):
    for number in re.findall(r'"([0-9a-f]{32})"', tree.get("daemon/base/names.h", "")):
        if number not in tree.get("man/taktd.8.scd", ""):
            yield f"man/taktd.8.scd: {number} is not listed"


def long_files_say_why(tree):
    for path, text in tree.items():
        if not re.search(r"\.(h|cpp|py)$", path) or text.count("\n") <= LONG_FILE:
            continue
        opening = re.match(r'(?:#!.*\n)?((?://.*\n|#(?!include|pragma).*\n)+|"""(?:.|\n)*?""")', text)
        if opening is None or not re.search(r"\blong\b|\blines\b", opening[1]):
            yield f"{path}:1: {text.count(chr(10))} lines, and the comment at its top does not say why it is so long"


def functions_fit_a_screen(tree):
    """Functions at the level of a namespace, as clang-format lays them out: from a { that ends a line to a } that begins one."""
    for path, text in tree.items():
        if not re.search(r"\.(h|cpp)$", path):
            continue
        begin = signature = None
        for number, line in enumerate(text.splitlines(), 1):
            if begin is None and re.match(r"[\w\[:~<]", line) and not re.match(r"(namespace|class|struct|enum|union|extern|using|const\w* )\b", line):
                signature = number
            if begin is None and signature and re.search(r"\)[^;=]*\{$", line):
                begin = signature
            elif re.match(r"\}", line):
                if begin and number - begin + 1 > LONG_FUNCTION:
                    yield f"{path}:{begin}: a function of {number - begin + 1} lines"
                begin = signature = None
            elif begin is None and line == "":
                signature = None


def interfaces_are_documented(tree):
    """A comment stands before every interface and every member and names it; every property says what it emits."""
    for path, text in tree.items():
        if not re.match(r"dbus/.*\.xml$", path):
            continue
        for interface in xml.dom.minidom.parseString(text).getElementsByTagName("interface"):
            members = [node for node in interface.childNodes if node.nodeName in ("method", "signal", "property")]
            for node in [interface, *members]:
                before = node.previousSibling
                while before is not None and before.nodeType == node.TEXT_NODE:
                    before = before.previousSibling
                name = node.getAttribute("name")
                if before is None or before.nodeType != node.COMMENT_NODE or not before.data.strip().startswith(f"{name}:"):
                    yield f"{path}: {node.nodeName} {name}: no comment before it that begins with its name"
                annotations = [each.getAttribute("name") for each in node.childNodes if each.nodeName == "annotation"]
                if node.nodeName == "property" and "org.freedesktop.DBus.Property.EmitsChangedSignal" not in annotations:
                    yield f"{path}: property {name}: EmitsChangedSignal is not said"


def every_pure_module_is_tested(tree):
    for module in sorted(PURE):
        if not any(path.startswith(f"tests/unit/{module}/") and path.endswith(".cpp") for path in tree):
            yield f"tests/unit/{module}: no unit tests"


def types_have_names_of_their_own(tree):
    """Two types of one name in one program break the one-definition rule, and no linker says so."""
    programs = {"taktd": r"daemon/.*\.h$", "taktctl": r"(cli|daemon/(base|calendar|expression|definition|trigger|engine))/.*\.h$"}
    for headers in programs.values():
        seen = {}
        for path in filter(re.compile(headers).match, tree):
            for match in re.finditer(r"^(?:class|struct|enum class) ([\w:]+)[^;{]*{", tree[path], re.M):
                name = match.group(1).rstrip(":")
                place = f"{path}:{tree[path].count(chr(10), 0, match.start()) + 1}"
                if seen.setdefault(name, place) != place:
                    yield f"{place}: {name} is the name of a type in {seen[name]}"


# Headers that nearly every file needs; a change of one of them is a change of everything.
FOUNDATION = {"base/result.h", "base/time.h", "base/value.h", "calendar/zone.h"}
MOST_REACHED = 205  # units that any other header may reach: less is better, more takes a reason


def headers_reach_few_units(tree):
    """A change of a header compiles again every unit that it reaches, through other headers too."""
    sources = {path: text for path, text in tree.items() if re.match(r"(daemon|cli|tests|bench)/.*\.(h|cpp)$", path)}

    def resolve(path, name):
        places = (posixpath.normpath(posixpath.join(base, name)) for base in (posixpath.dirname(path), "daemon", "", "tests"))
        return next((place for place in places if place in sources), None)

    included = {path: {resolve(path, name) for name in re.findall(r'^#include "([^"]+)"', text, re.M)} - {None}
                for path, text in sources.items()}
    reach = {}
    for unit in filter(lambda path: path.endswith(".cpp"), sources):
        seen, left = set(), [unit]
        while left:
            new = included[left.pop()] - seen
            seen |= new
            left.extend(new)
        for header in seen:
            reach[header] = reach.get(header, 0) + 1
    for header, units in sorted(reach.items()):
        if units > MOST_REACHED and header.removeprefix("daemon/") not in FOUNDATION:
            yield f"{header}:1: a change of this header compiles {units} units again; {MOST_REACHED} are the most"


def nothing_is_left_for_later(tree):
    for path, text in tree.items():
        if not path.startswith("tests/layout/"):
            yield from find(path, text, r"\b(TODO|FIXME|XXX|HACK)\b", "{}")


def no_path_of_one_machine(tree):
    """The folder of this checkout."""
    for path, text in tree.items():
        if not path.startswith("tests/layout/"):
            yield from find(path, text, rf"({re.escape(CHECKOUT)})\b", "a path of one machine: {}")


ALL = [
    includes_point_one_way,
    own_header_comes_first,
    headers_are_included_once,
    the_core_is_pure,
    threads_stand_in_few_places,
    descriptors_are_born_cloexec,
    outside_names_stand_in_one_place,
    the_manual_lists_every_message_id,
    long_files_say_why,
    functions_fit_a_screen,
    interfaces_are_documented,
    every_pure_module_is_tested,
    types_have_names_of_their_own,
    headers_reach_few_units,
    nothing_is_left_for_later,
    no_path_of_one_machine,
]
