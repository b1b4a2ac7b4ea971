#!/usr/bin/env python3
"""Downloads many torrents at once with the Python client of bittorrent-helper and asyncio, and shows their progress.

    python3 download_client.py https://example.org/a.iso.torrent [magnet:?... ...] [--to DIRECTORY]
"""

import argparse
import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients/python"))

from bittorrent_helper import AsyncHelper, HelperError  # noqa: E402


async def download(helper, source):
    job = helper.download(source)
    try:
        async for now in job.progress(every=0.5):
            rate, left = now.down_bytes_per_second / 2**20, "?" if now.eta_seconds is None else now.eta_seconds
            print(f"{job.file}: {now.percent or 0} %, {rate:.1f} MiB/s, {now.peers} peers, {left} s to go", flush=True)
        print(f"downloaded: {(await job.done()).content_path}", flush=True)
        return True
    except HelperError as error:
        print(f"failed: {job.file}: {error.code}: {error}", flush=True)
        return False


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sources", nargs="+")
    parser.add_argument("--to", default=".")
    given = parser.parse_args()
    async with AsyncHelper(download_dir=given.to) as helper:
        done = await asyncio.gather(*(download(helper, source) for source in given.sources))
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
