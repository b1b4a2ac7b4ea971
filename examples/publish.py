#!/usr/bin/env python3
"""Publishes files with bittorrent-helper, and waits until each can be downloaded. Standard library only.

    python3 publish.py /srv/a.iso [/srv/b.iso ...]

Prints a magnet link for each file, then seeds until Ctrl-C. BITTORRENT_HELPER names the command, if it is not
`npx bittorrent-helper`; what follows `--` is passed on to it: python3 publish.py a.iso -- --host 192.168.1.20
"""

import os
import re
import shlex
import subprocess
import sys
import threading


def main():
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    paths, options = arguments[:split], arguments[split + 1 :]
    if not paths:
        sys.exit(__doc__)

    # --stop-with: should this program be killed, the helper is told by nobody, as npx may stand in between.
    command = shlex.split(os.environ.get("BITTORRENT_HELPER", "npx bittorrent-helper"))
    helper = subprocess.Popen(
        [*command, "--on-eof", "seed", "--stop-with", "parent", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    threading.Thread(target=tell_people, args=(helper.stderr,), daemon=True).start()
    try:
        for path in paths:
            helper.stdin.write(b"file:" + os.fsencode(os.path.abspath(path)) + b"\n")
        helper.stdin.flush()
        return follow(helper.stdout, len(paths))
    except KeyboardInterrupt:
        return 0
    finally:
        helper.terminate()
        helper.wait()


def follow(stdout, jobs):
    """Reads ID:FILE:PERCENT until the helper ends. FILE may hold colons: split at the first and at the last."""
    waiting, failed = set(range(1, jobs + 1)), 0
    for line in stdout:
        job, rest = line.decode().rstrip("\n").split(":", 1)
        file, percent = rest.rsplit(":", 1)
        if percent in ("100", "-2"):
            waiting.discard(int(job))
            failed += percent == "-2"
            print("failed:" if percent == "-2" else "published:", file, flush=True)
        if not waiting and failed == jobs:
            break
    return 1 if failed else 0


def tell_people(stderr):
    """Shows the magnet links, and whatever went wrong."""
    for line in stderr:
        text = line.decode(errors="replace").rstrip("\n")
        link = re.search(r"magnet:\S+", text)
        print(link.group() if link else text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
