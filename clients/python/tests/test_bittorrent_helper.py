"""The client against a scripted helper: $SCRIPTED_HELPER, a command that speaks the dialect. Run by `npm test`."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
import tempfile
import threading
import unittest
import unittest.mock
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bittorrent_helper import (  # noqa: E402
    AsyncHelper,
    AsyncJob,
    ClosedError,
    EventsLostError,
    Helper,
    HelperError,
    HelperLostError,
    HttpStatusError,
    InputUnsupportedError,
    InstructionInvalidError,
    JobUnknownError,
    KeyTakenError,
    OptionInvalidError,
    ParamsInvalidError,
    PortTakenError,
    RefusedError,
    RemovedError,
    TrackerUnreachableError,
    WaitTimeoutError,
)

SCRIPTED = shlex.split(os.environ["SCRIPTED_HELPER"])


class WithFolder:
    """A folder of the test's own, with what the helper was sent, and whether it has died."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.log = os.path.join(self.folder.name, "log")
        self.args = ["--log", self.log, "--died", os.path.join(self.folder.name, "died")]

    def sent(self, method: str) -> list[dict[str, object]]:
        with open(self.log, encoding="utf-8") as lines:
            messages = [json.loads(line) for line in lines]
        return [message["params"] for message in messages if message["method"] == method]


class WithoutAsyncio(unittest.TestCase):
    def setUp(self) -> None:
        self.scripted = WithFolder()
        self.addCleanup(self.scripted.folder.cleanup)

    def helper(self, *args: str, **options: Any) -> Helper:
        return Helper(command=SCRIPTED, args=[*self.scripted.args, *args], **options)

    def test_publishes_a_file(self) -> None:
        with self.helper() as helper:
            job = helper.seed(Path("/srv/a.iso"))
            published = job.published(timeout=20)
            self.assertEqual(published.torrent_file, "/torrents/a.iso.torrent")
            self.assertEqual((published.files, published.private, published.error), (1, True, None))
            self.assertEqual((job.id, job.state, job.percent), (1, "seeding", 100))
            self.assertEqual(helper.jobs, [job])
            self.assertEqual((helper.job(1), helper.job_by_key(job.key or "")), (job, job))
            self.assertEqual(helper.description.peer_port, 50_211)
            self.assertEqual(helper.stats().peers, 3)

    def test_downloads_with_progress(self) -> None:
        with self.helper() as helper:
            job = helper.download("http://a/wait")
            self.start_measuring(helper, 30)
            seen = []
            for progress in job.progress(every=0.1):
                seen.append(progress.percent)
                if len(seen) == 1:
                    helper.request("test.complete", id=1)
            self.assertEqual(seen[-1], 100)
            self.assertEqual(seen, sorted(seen))
            self.assertEqual(job.done().content_path, "/content/wait")
            self.assertEqual(job.stats.bytes_total, 1000)

    def test_tells_nought_percent_and_all_bytes_at_the_end(self) -> None:
        with self.helper() as helper:
            job = helper.download("http://a/wait")
            self.start_measuring(helper, 0)
            seen = []
            for progress in job.progress(every=0.1):
                seen.append((progress.percent, progress.bytes_done))
                if len(seen) == 1:
                    helper.request("test.complete", id=1)
            self.assertEqual((seen[0], seen[-1]), ((0, 0), (100, 1000)))
            self.assertIsNone(job.stats.eta_seconds)

    def test_knows_when_a_job_was_asked_for_and_done(self) -> None:
        with self.helper() as helper:
            job = helper.seed("/srv/wait")
            self.assertGreater(job.info.added_ms, 0)
            self.assertIsNone(job.info.done_ms)
            helper.stats()
            helper.request("test.complete", id=1)
            done = job.done(timeout=20)
            self.assertIsInstance(done.added_ms, int)
            self.assertIsInstance(done.done_ms, int)

    def start_measuring(self, helper: Helper, percent: int) -> None:
        """Once the helper was asked for numbers."""

        def measure() -> None:
            while len(helper.request("test.subscriptions")["subscriptions"]) < 2:
                pass
            helper.request("test.measure", id=1, percent=percent)

        thread = threading.Thread(target=measure)
        thread.start()
        self.addCleanup(thread.join)

    def test_asks_for_numbers_only_while_somebody_reads(self) -> None:
        with self.helper() as helper:
            job = helper.download("http://a/wait")
            helper.stats()
            self.assertEqual(len(self.scripted.sent("events.listen")), 1)
            reading = job.progress(every=0.1)
            self.start_measuring(helper, 30)
            self.assertEqual(next(reading).bytes_done, 300)
            self.assertEqual(
                self.scripted.sent("events.listen")[1], {"topics": ["job.progress"], "everyMs": 100, "ids": [1]}
            )
            reading.close()
            while len(helper.request("test.subscriptions")["subscriptions"]) > 1:
                pass

    def test_raises_by_code(self) -> None:
        with self.helper() as helper:
            failing = helper.download("http://a/fail")
            with self.assertRaises(HttpStatusError) as raised:
                failing.done()
            self.assertEqual(raised.exception.code, "HTTP_STATUS")
            self.assertEqual(raised.exception.help, "Look whether the URL is right.")
            self.assertFalse(raised.exception.retryable)
            self.assertEqual((failing.state, failing.is_over), ("failed", True))
            with self.assertRaises(HttpStatusError):
                list(failing.progress())
            with self.assertRaises(InstructionInvalidError):
                helper.download("refuse").done()
            with self.assertRaises(TrackerUnreachableError):
                helper.seed("/srv/a").announce()
            with self.assertRaises(ParamsInvalidError):
                helper.request("job.dance")
            with self.assertRaises(RefusedError):
                helper.download("http://a/b").published()
            with self.assertRaises(WaitTimeoutError):
                helper.download("http://a/wait").done(timeout=0.01)
            with self.assertRaises(InstructionInvalidError):
                helper.seed("a\udcff")
            with self.assertRaises(OptionInvalidError):
                helper.seed("/srv/a", key="")

    def test_carries_out_what_a_job_is_told(self) -> None:
        with self.helper() as helper:
            job = helper.download(b"d4:infoe", dir=Path("/d"), paused=True)
            job.resume()
            job.move("/elsewhere")
            self.assertEqual(job.info.content_path, "/elsewhere/metainfo")
            job.verify()
            job.pause()
            self.assertEqual(job.state, "paused")
            job.remove(data=True)
            self.assertEqual((job.state, helper.jobs), ("removed", []))
            with self.assertRaises(JobUnknownError):
                job.pause()
            self.assertEqual(
                {key: value for key, value in self.scripted.sent("job.fetch")[0].items() if key != "key"},
                {"metainfo": "ZDQ6aW5mb2U=", "dir": "/d", "paused": True},
            )

    def test_has_one_job_a_key(self) -> None:
        with self.helper() as helper:
            job = helper.seed("/srv/a", key="a")
            self.assertEqual(helper.seed("/srv/a", key="a"), job)
            with self.assertRaises(KeyTakenError):
                helper.seed("/srv/b", key="a")

    def test_tells_events_in_order(self) -> None:
        with self.helper() as helper:
            events = helper.events()
            key = helper.seed("/srv/a").key
            names = []
            for event in events:
                names.append(event.name)
                self.assertEqual((event.id, event.key), (1, key))
                if event.name == "job.published":
                    break
            self.assertEqual(names, ["job.state", "job.known", "job.state", "job.state", "job.published"])

    def test_drops_the_events_that_nobody_reads(self) -> None:
        with unittest.mock.patch("bittorrent_helper._MOST_EVENTS", 10), self.helper() as helper:
            events = helper.events()
            for index in range(5):
                helper.seed(f"/srv/{index}").done()
            with self.assertRaises(EventsLostError):
                list(events)

    def test_closes(self) -> None:
        helper = self.helper().start()
        job = helper.download("http://a/wait")
        helper.close()
        self.assertTrue(job.is_over)
        self.assertIsInstance(job.error, ClosedError)
        with self.assertRaises(ClosedError):
            helper.seed("/srv/a")
        helper.close()
        self.assertEqual([thread for thread in threading.enumerate() if thread.name == "bittorrent-helper"], [])

    def test_does_not_begin_with_what_cannot_be(self) -> None:
        with self.assertRaises(InputUnsupportedError):
            self.helper("--version", "2.0").start()
        with self.assertRaises(HelperLostError):
            Helper(command=["/nonexistent/helper"]).start()
        refusing = "process.stderr.write('bittorrent-helper: PORT_TAKEN: the port is taken\\n'); process.exitCode = 2"
        with self.assertRaises(PortTakenError):
            Helper(command=[SCRIPTED[0], "-e", refusing, "--"]).start()
        with self.assertRaises(HelperError):
            Helper.connect("/nonexistent/socket").start()

    def test_goes_on_with_another_when_one_dies(self) -> None:
        with self.helper() as helper:
            seed = helper.seed("/srv/a")
            seed.published()
            paused = helper.seed("/srv/wait", key="paused")
            paused.pause()
            dying = helper.download("http://a/kill")
            self.assertEqual(dying.done(timeout=20).content_path, "/content/kill")
            # Answered once the other one has all.
            helper.stats()
            self.assertEqual(len(self.scripted.sent("job.fetch")), 2)
            self.assertEqual(self.scripted.sent("job.publish")[2], {"path": "/srv/a", "key": seed.key})
            self.assertEqual((paused.state, helper.jobs), ("paused", [seed, paused, dying]))

    def test_gives_up_after_so_many(self) -> None:
        helper = self.helper(max_restarts=0).start()
        with self.assertRaises(HelperLostError):
            helper.download("http://a/kill").done()
        with self.assertRaises(HelperLostError):
            helper.seed("/srv/a")
        with self.assertRaises(HelperLostError):
            helper.stopped()
        helper.close()


class WithAsyncio(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        self.scripted = WithFolder()
        self.addCleanup(self.scripted.folder.cleanup)

    def helper(self, *args: str, **options: Any) -> AsyncHelper:
        return AsyncHelper(command=SCRIPTED, args=[*self.scripted.args, *args], **options)

    async def test_has_five_hundred_jobs_over_a_death(self) -> None:
        asyncio.get_running_loop().set_debug(False)
        async with self.helper() as helper:
            jobs = [helper.download(f"http://a/wait{index}") for index in range(499)]
            events = helper.events()
            jobs.append(helper.download("http://a/kill"))
            async for event in events:
                if event.name == "client.restarted":
                    break

            async def watch(job: AsyncJob) -> int | None:
                last = None
                async for progress in job.progress(every=0.1):
                    last = progress.percent
                return last

            watching = [asyncio.ensure_future(watch(job)) for job in jobs]
            for job in jobs[:499]:
                await helper.request("test.complete", id=job.id)
            self.assertEqual(set(await asyncio.gather(*watching)), {100})
            done = await asyncio.gather(*(job.done() for job in jobs))
            self.assertEqual(len({each.id for each in done}), 500)
            self.assertEqual(len(self.scripted.sent("job.fetch")), 1000)
            # One subscription for all of them.
            self.assertLess(len(self.scripted.sent("events.listen")), 20)

    async def test_meets_a_job_of_somebody_else_once_and_keeps_none_that_is_over(self) -> None:
        async with self.helper() as helper:
            await asyncio.gather(
                helper.request("job.fetch", source="http://a/fail"),
                helper.request("job.fetch", source="http://a/file", key="theirs"),
                helper.request("test.release", id=2),
                helper.request("job.fetch", source="http://a/wait"),
            )
            while not helper.jobs:
                await helper.stats()
            await helper.stats()
            self.assertEqual([(job.id, job.state) for job in helper.jobs], [(3, "downloading")])
            self.assertEqual(len(self.scripted.sent("job.get")), 3)

    async def test_takes_what_comes_late_of_a_job_for_that_of_no_other(self) -> None:
        async with self.helper() as helper:
            await helper.seed("/srv/a", key="k").remove()
            late = [
                {"method": "job.progress", "id": 1, "key": "k", "percent": 30},
                {"method": "job.state", "id": 1, "key": "k", "from": "seeding", "to": "removed"},
                {"method": "job.ended", "id": 1, "key": "k", "end": "removed"},
            ]
            telling = asyncio.ensure_future(helper.request("test.tell", told=late))
            await asyncio.sleep(0)
            second = helper.download("http://a/wait", key="k")
            await telling
            await second.verify()
            self.assertEqual(helper.jobs, [second])
            self.assertEqual((second.id, second.state, second.percent), (2, "downloading", None))

    async def test_takes_a_request_back_when_it_is_cancelled(self) -> None:
        async with self.helper() as helper:
            helper.download("http://a/wait")
            waiting = asyncio.ensure_future(helper.request("job.wait", id=1, until="done"))
            await helper.stats()
            waiting.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await waiting
            await helper.stats()
            self.assertEqual(len(self.scripted.sent("$/cancel")), 1)

    async def test_carries_out_a_command_over_which_it_died(self) -> None:
        async with self.helper() as helper:
            job = helper.download("http://a/wait")
            await helper.stats()
            helper.download("http://a/kill")
            await asyncio.gather(job.pause(), job.verify())
            self.assertEqual(job.state, "paused")

    async def test_takes_no_job_of_the_next_one_for_one_of_before_that_had_its_id(self) -> None:
        lives: list[asyncio.StreamWriter] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            name = "ab"[len(lives)]
            lives.append(writer)

            def say(**message: Any) -> None:
                writer.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

            say(method="helper.ready", params={"protocol": "1.0", "session": None})
            job = {"id": 1, "key": None, "kind": "seed", "file": name, "state": "seeding", "infoHash": name * 40}
            async for line in reader:
                asked = json.loads(line)
                say(id=asked["id"], result={"jobs": [job], "next": None})
            writer.close()

        path = os.path.join(self.scripted.folder.name, "s")
        server = await asyncio.start_unix_server(serve, path)
        async with AsyncHelper.connect(path, max_restarts=3) as helper:
            before = helper.job(1)
            events = helper.events()
            lives[0].close()
            async for event in events:
                if event.name == "client.restarted":
                    break
            self.assertEqual([job.file for job in helper.jobs], ["b"])
            assert before
            self.assertEqual((before.file, before.is_over), ("a", True))
        server.close()
        await server.wait_closed()

    async def test_is_closed_while_the_next_one_says_nothing(self) -> None:
        folder = self.scripted.folder.name
        begun = os.path.join(folder, "begun")
        # The first is the scripted one, the second hangs.
        shell = f'if [ -e "{begun}" ]; then : > "{begun}2"; exec sleep 1000; fi; : > "{begun}"; exec "$@"'
        helper = await AsyncHelper(command=["sh", "-c", shell, "sh", *SCRIPTED], args=self.scripted.args).start()
        helper.download("http://a/kill")
        while not os.path.exists(f"{begun}2"):
            await asyncio.sleep(0.01)
        await asyncio.wait_for(helper.close(), 20)
        await helper.stopped()

    async def test_passes_over_what_a_program_that_stands_in_between_says(self) -> None:
        shell = 'echo ready; head -c 200000 /dev/zero | tr "\\0" "["; echo; exec "$@"'
        async with AsyncHelper(command=["sh", "-c", shell, "sh", *SCRIPTED], args=self.scripted.args) as helper:
            self.assertEqual((await helper.stats()).peers, 3)

    async def test_reads_on_what_is_said_to_people_when_who_hears_it_raises(self) -> None:
        saying = "for (let i = 0; i < 9; i += 1) console.error(i)"
        heard: list[str] = []
        raised: list[Any] = []

        def hear(line: str) -> None:
            heard.append(line)
            raise ValueError(line)

        asyncio.get_running_loop().set_exception_handler(lambda _, context: raised.append(context["exception"]))
        shell = f'"{SCRIPTED[0]}" -e "{saying}"; exec "$@"'
        command = ["sh", "-c", shell, "sh", *SCRIPTED]
        async with AsyncHelper(command=command, args=self.scripted.args, on_diagnostic=hear):
            while len(heard) < 9:
                await asyncio.sleep(0.01)
        self.assertEqual([str(each) for each in raised], heard)

    async def test_ends_what_waits_when_it_is_closed(self) -> None:
        helper = await self.helper().start()
        job = helper.download("http://a/wait")
        reading = asyncio.ensure_future(job.progress().__anext__())
        all_numbers = asyncio.ensure_future(helper.progress().__anext__())
        await helper.stats()
        await helper.close()
        with self.assertRaises(ClosedError):
            await reading
        with self.assertRaises(StopAsyncIteration):
            await all_numbers
        with self.assertRaises(ClosedError):
            await helper.stats()
        with self.assertRaises(RemovedError):
            async with self.helper() as other:
                removed = other.seed("/srv/wait")
                await removed.remove()
                await removed.done()


if __name__ == "__main__":
    unittest.main()
