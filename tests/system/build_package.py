"""build_package.py SOURCE FOLDER: FOLDER/takt_VERSION_ARCH.deb and .changes, built from the work tree at SOURCE.

The tree is copied, so that a package build leaves no trace in it, and nothing is built when no file has changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

# What goes into the package: a change of anything else needs no new one.
PARTS = ("CMakeLists.txt", "LICENSE", "README.md", "CHANGELOG.md", "bench", "cli", "cmake", "completions", "daemon", "dbus", "debian",
         "docs", "etc", "examples", "man", "units")


def files_of(source):
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={source}", "-C", source, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *PARTS],
        check=True, capture_output=True, text=True)
    return sorted(path for path in listed.stdout.split("\0") if path and (source / path).is_file())


def digest_of(source, files):
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.encode() + b"\0" + (source / path).read_bytes() + b"\0")
    return digest.hexdigest()


def copy(source, files, tree):
    """Only what changed is written, and what is gone is removed, so that a second build is a small one."""
    for old in [path for path in tree.rglob("*") if path.is_file()]:
        relative = str(old.relative_to(tree))
        if relative.startswith(PARTS) and not relative.startswith("debian/") and relative not in files:
            old.unlink()
    for path in files:
        target = tree / path
        if not target.exists() or target.read_bytes() != (source / path).read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / path, target)


def main(source, folder):
    files = files_of(source)
    digest = digest_of(source, files)
    stamp = folder / "package.stamp"
    if stamp.exists() and stamp.read_text() == digest:
        print("The package is up to date")
        return 0
    stamp.unlink(missing_ok=True)
    for old in folder.glob("takt_*"):
        old.unlink()
    tree = folder / "package" / "takt"
    copy(source, files, tree)
    # An optimizing compiler warns of more than the others do: here it is heard. Nobody debugs this package.
    environment = {**os.environ, "DEB_BUILD_OPTIONS": f"nocheck parallel={os.cpu_count()}", "DEB_CXXFLAGS_APPEND": "-Werror -g1"}
    log = folder / "package.log"
    with open(log, "w") as output:
        built = subprocess.run(["dpkg-buildpackage", "--build=binary", "--no-sign"], cwd=tree, env=environment, stdout=output, stderr=output)
    if built.returncode != 0:
        print("\n".join(log.read_text(errors="replace").splitlines()[-60:]), file=sys.stderr)
        return 1
    for made in tree.parent.glob("takt*_*"):
        if made.is_file():
            shutil.move(made, folder / made.name)
    stamp.write_text(digest)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
