"""The client with a real helper: $BITTORRENT_HELPER. Run by `npm test`."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bittorrent_helper import AsyncHelper, AsyncJob, ControlDeniedError, Helper, JobInfo  # noqa: E402

JOBS = 500


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


class WithHelper(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def options(self, **options: Any) -> dict[str, Any]:
        return {"cwd": self.folder, "state_dir": self.folder / "state", "tracker_port": free_port(), **options}

    async def test_has_five_hundred_jobs_and_goes_on_when_the_helper_is_killed(self) -> None:
        asyncio.get_running_loop().set_debug(False)
        contents = [os.urandom(2_000) for _ in range(JOBS)]
        for index, content in enumerate(contents):
            (self.folder / f"{index}.bin").write_bytes(content)
        copies = self.folder / "copies"
        seeding = AsyncHelper(**self.options())
        leeching = AsyncHelper(**self.options(download_dir=copies, max_active=1000))
        async with seeding as seeder, leeching as leecher:
            seeds = [seeder.seed(f"{index}.bin", key=str(index)) for index in range(JOBS)]
            published = await asyncio.gather(*(seed.published() for seed in seeds))
            killed = asyncio.Event()

            async def download(index: int, info: JobInfo) -> JobInfo:
                job = leecher.download(info.torrent_file or "", key=str(index))
                async for _ in job.progress(every=0.1):
                    pass
                if index == JOBS // 4:
                    os.kill(leecher.description.pid, signal.SIGKILL)
                    killed.set()
                return await job.done()

            done = await asyncio.gather(*(download(index, info) for index, info in enumerate(published)))
            self.assertTrue(killed.is_set())
            for index, info in enumerate(done):
                self.assertEqual(Path(info.content_path or "").read_bytes(), contents[index])
            self.assertEqual((len(seeder.jobs), len(leecher.jobs)), (JOBS, JOBS))

    def test_finds_its_jobs_again_in_a_session(self) -> None:
        (self.folder / "a.bin").write_bytes(os.urandom(2_000))
        with Helper(**self.options(session="s")) as helper:
            job = helper.seed("a.bin", key="mine")
            job.published()
            job.pause()
        with Helper(**self.options(session="s")) as helper:
            again = helper.seed("a.bin", key="mine")
            again.resume()
            self.assertEqual((again.done().name, again.id), ("a.bin", 1))
            self.assertEqual(helper.jobs, [again])

    async def test_watches_another_over_its_socket(self) -> None:
        (self.folder / "a.bin").write_bytes(os.urandom(2_000))
        path = self.folder / "socket"
        parent = AsyncHelper(**self.options(args=["--socket", str(path)]))
        async with parent, AsyncHelper.connect(path) as watcher:
            job: AsyncJob = parent.seed("a.bin", key="first")
            await job.published()
            await asyncio.sleep(0)
            while watcher.job_by_key("first") is None:
                await watcher.stats()
            seen = watcher.job_by_key("first")
            assert seen is not None
            self.assertEqual((await seen.done()).name, "a.bin")
            with self.assertRaises(ControlDeniedError):
                await watcher.seed("b.bin").done()
            await job.remove()
            self.assertEqual((await seen.ended()).state, "removed")


if __name__ == "__main__":
    unittest.main()
