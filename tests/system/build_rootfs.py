"""build_rootfs.py FOLDER: FOLDER/rootfs, a Debian 12 that boots and has what the package in FOLDER depends on.

As a container, and with a kernel of its own as a virtual machine.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

BASE = ["systemd", "systemd-sysv", "libpam-systemd", "dbus", "dbus-user-session", "polkitd"]
KERNEL = ["linux-image-cloud-amd64", "initramfs-tools", "udev", "kmod"]

# The kernel's initrd holds what leads to a virtual machine's disk, and nothing more: it is unpacked at each boot.
INITRD = ('mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"; '
          'echo MODULES=list > "$1/etc/initramfs-tools/conf.d/takt"; '
          'echo virtio_pci virtio_blk | tr " " "\\n" > "$1/usr/share/initramfs-tools/modules.d/takt"')


def depends_of(package):
    """The first alternative of each dependency, without its version."""
    listed = subprocess.run(["dpkg-deb", "--field", package, "Depends"], check=True, capture_output=True, text=True).stdout
    return [re.match(r"\s*([a-z0-9.+-]+)", each)[1] for each in listed.split(",") if each.strip()]


def main(folder):
    if os.geteuid() != 0:
        print("A container needs root: skipped")
        return 77
    wanted = ",".join(sorted({*BASE, *KERNEL, *depends_of(next(folder.glob("takt_*.deb")))}))
    rootfs = folder / "rootfs"
    stamp = folder / "rootfs.stamp"
    made_from = wanted + INITRD
    if stamp.exists() and stamp.read_text() == made_from:
        print("The root file system is up to date")
        return 0
    stamp.unlink(missing_ok=True)
    shutil.rmtree(rootfs, ignore_errors=True)
    made = subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", f"--include={wanted}", f"--essential-hook={INITRD}",
                           "bookworm", rootfs])
    if made.returncode != 0:
        return made.returncode
    stamp.write_text(made_from)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
