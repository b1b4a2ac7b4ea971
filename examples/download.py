#!/usr/bin/env python3
"""Downloads one torrent with bittorrent-helper and shows its progress. Standard library only.

    python3 download.py https://example.org/a.iso.torrent [directory]
"""

import os
import shlex
import subprocess
import sys


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    source = sys.argv[1]
    directory = sys.argv[2] if len(sys.argv) > 2 else "."

    # Stdin ends at once, so the helper finishes the download, lets it go, and exits; or earlier, should this program end.
    command = shlex.split(os.environ.get("BITTORRENT_HELPER", "npx bittorrent-helper"))
    helper = subprocess.Popen(
        [*command, "--stop-with", "parent", "--download-dir", directory, f"torrent:{source}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    for line in helper.stdout:
        _, rest = line.rstrip("\n").split(":", 1)
        file, percent = rest.rsplit(":", 1)
        print({"-1": f"{file}: found", "-2": f"{file}: failed"}.get(percent, f"{file}: {percent} %"), flush=True)
    return helper.wait()


if __name__ == "__main__":
    sys.exit(main())
