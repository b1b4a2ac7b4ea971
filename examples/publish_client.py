#!/usr/bin/env python3
"""Publishes files with the Python client of bittorrent-helper, and seeds them until Ctrl-C.

    python3 publish_client.py /srv/a.iso [/srv/b.iso ...]

Prints a magnet link for each file. BITTORRENT_HELPER names the command, if it is not `npx bittorrent-helper`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients/python"))

from bittorrent_helper import Helper, HelperError  # noqa: E402


def main():
    paths = sys.argv[1:]
    if not paths:
        sys.exit(__doc__)
    failed = 0
    with Helper(on_diagnostic=lambda line: print(line, file=sys.stderr, flush=True)) as helper:
        jobs = [helper.seed(Path(path).resolve(), key=path) for path in paths]
        for job in jobs:
            try:
                print(job.published().magnet_uri, flush=True)
            except HelperError as error:
                failed += 1
                print(f"failed: {job.file}: {error.code}: {error}", flush=True)
        if failed < len(jobs):
            helper.stopped()
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        pass
