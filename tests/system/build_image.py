"""build_image.py FOLDER: FOLDER/vm.img, the disk of a virtual machine: FOLDER/rootfs with FOLDER's package installed.

The rootfs itself stays as it is: the package goes into an overlay over it.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

# Commands come from the host through a port of the virtual machine: a script a line, in base64. What became of it goes
# back as three lines: exit status, output, errors.
ANSWERER = r"""
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
exec 3<> /dev/virtio-ports/takt
echo ready >&3
while read -r line <&3; do
  echo "$line" | base64 --decode > /run/answer.script
  sh /run/answer.script > /run/answer.stdout 2> /run/answer.stderr < /dev/null 3>&-
  printf '%d\n%s\n%s\n' $? "$(base64 --wrap=0 /run/answer.stdout)" "$(base64 --wrap=0 /run/answer.stderr)" >&3
done
"""
UNIT = r"""
[Unit]
Description=Runs what the test says
Wants=dev-virtio\x2dports-takt.device
After=dev-virtio\x2dports-takt.device taktd.service

[Service]
ExecStart=/bin/sh /usr/local/sbin/answerer

[Install]
WantedBy=multi-user.target
"""

# In a mount namespace of its own, which takes the overlay with it.
BUILD = r"""
mount -t tmpfs layers "$LAYERS"
mkdir "$LAYERS/upper" "$LAYERS/work" "$LAYERS/tree"
mount -t overlay -o "lowerdir=$FOLDER/rootfs,upperdir=$LAYERS/upper,workdir=$LAYERS/work" tree "$LAYERS/tree"
cd "$LAYERS/tree"
cp "$FOLDER"/takt_*.deb var/tmp/takt.deb
chroot . dpkg --install /var/tmp/takt.deb
rm var/tmp/takt.deb
printf %s "$ANSWERER" > usr/local/sbin/answerer
printf %s "$UNIT" > etc/systemd/system/answerer.service
chroot . systemctl enable answerer.service
systemd-machine-id-setup --root=. # a machine that knows itself does not go through all presets at its first boot
truncate --size=1G "$FOLDER/vm.img"
mke2fs -q -F -t ext4 -d . "$FOLDER/vm.img"
"""


def main(folder):
    if os.geteuid() != 0:
        print("A virtual machine needs root: skipped")
        return 77
    made_from = "".join([(folder / "package.stamp").read_text(), (folder / "rootfs.stamp").read_text(), Path(__file__).read_text()])
    stamp = folder / "vm.stamp"
    if stamp.exists() and stamp.read_text() == made_from:
        print("The disk is up to date")
        return 0
    for old in (stamp, folder / "vm.img"):
        old.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as layers:
        built = subprocess.run(["unshare", "--mount", "sh", "-euc", BUILD],
                               env={**os.environ, "FOLDER": str(folder), "LAYERS": layers, "ANSWERER": ANSWERER, "UNIT": UNIT})
    if built.returncode == 0:
        stamp.write_text(made_from)
    return built.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
