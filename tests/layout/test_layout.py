"""Holds the tree to the rules of docs/architecture.md and HACKING.md, and the rules to what they should find."""

import subprocess
import unittest
from pathlib import Path

import rules

ROOT = Path(__file__).resolve().parents[2]

# One tree that breaks each rule once, and what is to be found in it.
BROKEN = {
    "includes_point_one_way": ({"daemon/engine/a.cpp": '#include "engine/a.h"\n#include "store/b.h"\n'},
                               ["daemon/engine/a.cpp:2: engine may not include store/b.h"]),
    "own_header_comes_first": ({"daemon/engine/a.h": "", "daemon/engine/a.cpp": '#include <vector>\n#include "engine/a.h"\n'},
                               ['daemon/engine/a.cpp:1: the first include is not "engine/a.h"']),
    "headers_are_included_once": ({"cli/a.h": "// Nothing.\n"}, ["cli/a.h:1: no #pragma once"]),
    "the_core_is_pure": ({"daemon/trigger/a.cpp": "auto now = std::chrono::system_clock::now();\n",
                          "daemon/loop/a.cpp": "auto now = std::chrono::system_clock::now();\n"},
                         ["daemon/trigger/a.cpp:1: the core reads no clock"]),
    "threads_stand_in_few_places": ({"daemon/bus/a.cpp": "std::thread other;\n", "daemon/store/a.cpp": "std::thread writer;\n"},
                                    ["daemon/bus/a.cpp:1: the only threads beside the loop's are the store's, and those that look for paths"]),
    "descriptors_are_born_cloexec": ({"daemon/watch/a.cpp": "int a = ::open(path, O_RDONLY);\nint b = ::open(path, O_RDONLY | O_CLOEXEC);\n"},
                                     ["daemon/watch/a.cpp:1: open() without CLOEXEC"]),
    "outside_names_stand_in_one_place": ({"daemon/base/names.h": 'step = "TAKT_STEP";\n', "cli/a.cpp": 'f("TAKT_STEP", "org.taktd.Takt1");\n'},
                                         ["cli/a.cpp:1: org.taktd.Takt1 belongs in base/names.h", "cli/a.cpp:1: TAKT_STEP belongs in base/names.h"]),
    "the_manual_lists_every_message_id": ({"daemon/base/names.h": f'id_a = "{"a" * 32}";\nid_b = "{"b" * 32}";\n', "man/taktd.8.scd": "a" * 32},
                                          [f"man/taktd.8.scd: {'b' * 32} is not listed"]),
    "long_files_say_why": ({"cli/a.cpp": "// Verbs.\n" * 501, "cli/b.cpp": "// One table of 501 lines.\n" + "\n" * 500},
                           ["cli/a.cpp:1: 501 lines, and the comment at its top does not say why it is so long"]),
    "functions_fit_a_screen": ({"cli/a.cpp": "void f(int a,\n       int b) {\n" + "  g();\n" * 68 + "}\n",
                                "cli/b.cpp": "struct T {\n" + "  int i;\n" * 90 + "};\nvoid f() {\n" + "  g();\n" * 68 + "}\n"},
                               ["cli/a.cpp:1: a function of 71 lines"]),
    "interfaces_are_documented": ({"dbus/a.xml": '<node><!-- a.B: it. --><interface name="a.B"><!-- Go: goes. --><method name="Go"/>'
                                                 '<method name="Stop"/></interface></node>'},
                                  ["dbus/a.xml: method Stop: no comment before it that begins with its name"]),
    "every_pure_module_is_tested": ({f"tests/unit/{module}/a_test.cpp": "" for module in rules.PURE - {"engine"}},
                                    ["tests/unit/engine: no unit tests"]),
    "types_have_names_of_their_own": ({"daemon/bus/a.h": "struct A {\n};\nstruct B;\n", "daemon/store/a.h": "class B {\n};\nclass A : C {\n};\n"},
                                      ["daemon/store/a.h:3: A is the name of a type in daemon/bus/a.h:1"]),
    "headers_reach_few_units": ({"daemon/base/result.h": "", "daemon/engine/a.h": '#include "base/result.h"\n',
                                 "daemon/engine/b.h": '#include "engine/a.h"\n', "daemon/engine/c.h": '#include "engine/a.h"\n',
                                 **{f"daemon/engine/b{i}.cpp": '#include "engine/b.h"\n' for i in range(rules.MOST_REACHED)},
                                 "tests/unit/engine/c.cpp": '#include "engine/c.h"\n'},
                                [f"daemon/engine/a.h:1: a change of this header compiles {rules.MOST_REACHED + 1} units again; "
                                 f"{rules.MOST_REACHED} are the most"]),
    "nothing_is_left_for_later": ({"docs/a.md": "one\nTODO: two\n"}, ["docs/a.md:2: TODO"]),
    "no_path_of_one_machine": ({"tools/a": f"cd {rules.CHECKOUT}\ncd ~/taktd\n"},
                               [f"tools/a:1: a path of one machine: {rules.CHECKOUT}"]),
}


def tree():
    """Every text file that git knows or would add, as it stands in the work tree."""
    listed = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True, check=True)
    files = {}
    for path in filter(None, listed.stdout.split("\0")):
        try:
            files[path] = (ROOT / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # binary, or removed in the work tree
    return files


class Layout(unittest.TestCase):
    def test_the_tree_keeps_every_rule(self):
        files = tree()
        self.assertIn("CMakeLists.txt", files)
        for rule in rules.ALL:
            with self.subTest(rule=rule.__name__):
                violations = list(rule(files))
                self.assertFalse(violations, "\n" + "\n".join(violations))

    def test_every_rule_finds_what_breaks_it(self):
        self.assertEqual([rule.__name__ for rule in rules.ALL], list(BROKEN))
        for rule in rules.ALL:
            with self.subTest(rule=rule.__name__):
                files, expected = BROKEN[rule.__name__]
                self.assertEqual(list(rule(files)), expected)


if __name__ == "__main__":
    unittest.main()
