"""bittorrent-helper from Python: publish files as torrents, and download them, by a helper process.

    from bittorrent_helper import Helper

    with Helper(download_dir="downloads") as helper:
        print(helper.seed("/srv/model.bin").published().magnet_uri)
        for progress in (job := helper.download("model.bin.torrent")).progress():
            print(progress.percent, progress.down_bytes_per_second)
        print(job.done().content_path)

`AsyncHelper` is the same for asyncio. When the helper dies, another is begun, and given every job that has not ended,
under its key. Nothing but the standard library is needed, and the command `bittorrent-helper` (npm). The words are
those of the JSON dialect, in snake_case: docs/dialect.md of the package.
"""

from __future__ import annotations

import asyncio
import base64
import concurrent.futures
import contextlib
import dataclasses
import itertools
import json
import os
import re
import shlex
import shutil
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Coroutine, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Literal, TypeVar, Union

__version__ = "0.1.0"

T = TypeVar("T")
Path = Union[str, "os.PathLike[str]"]
Until = Literal["done", "ended"]


class HelperError(Exception):
    """What went wrong: a stable `code`, whether trying again may help, and what to do.

    There is a class for each code, so `except TrackerUnreachableError` works; a code that this client does not know
    yet, of a newer helper, is a plain HelperError.
    """

    code: str = "INTERNAL"

    def __init__(self, message: str, failure: Failure | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.failure = failure
        if code is not None:
            self.code = code

    @property
    def retryable(self) -> bool:
        """The same may succeed later, without any change."""
        return self.failure is not None and self.failure.retryable

    @property
    def help(self) -> str | None:
        """What to do about it, in a sentence."""
        return self.failure.help if self.failure else None


# --- written by `npm run schema`

State = Literal[
    "queued",
    "making",
    "writing",
    "fetching",
    "registering",
    "checking",
    "downloading",
    "seeding",
    "recovering",
    "moving",
    "paused",
    "failed",
    "removed",
]


@dataclass(frozen=True)
class Failure:
    """Why something failed."""

    code: str
    """The stable code of an error: what programs go by."""
    retryable: bool
    """The same may succeed later, without any change."""
    job_id: int | None
    """The number of a job: 1, 2, 3 …"""
    path: str | None
    """The file or folder that it is about."""
    help: str
    """What to do about it, in a sentence."""
    message: str
    """What failed, and where, in a sentence."""


@dataclass(frozen=True)
class JobInfo:
    """All that is known of a job; what is not known is None."""

    id: int
    """The number of a job: 1, 2, 3 …"""
    key: str | None
    """The parent's own name for the job; None if it has none."""
    state: State
    """Where a job stands."""
    kind: Literal["seed", "download", "invalid"]
    """What it is for; invalid: an instruction that began like a job, and is none."""
    file: str
    """How the lines name it: the path as given, or the name of its torrent, or its source as given."""
    name: str | None
    """The name of its torrent."""
    info_hash: str | None
    """The info hash of its torrent."""
    magnet_uri: str | None
    """The magnet link of its torrent."""
    content_path: str | None
    """Where its content lies, as an absolute path."""
    length_bytes: int | None
    """The length of its content."""
    piece_length_bytes: int | None
    """The length of a piece."""
    piece_count: int | None
    """How many pieces there are."""
    files: int | None
    """How many files there are."""
    private: bool | None
    """Whether its torrent is private (BEP 27)."""
    torrent_file: str | None
    """The .torrent file that was written, as an absolute path."""
    percent: int | None
    """Whole percents verified; None before the first are known."""
    error: Failure | None
    """Why it failed; None if it has not."""
    added_ms: int
    """When it was asked for, in Unix milliseconds."""
    done_ms: int | None
    """When it was complete, or published, in Unix milliseconds."""


@dataclass(frozen=True)
class Progress:
    """What was measured of a job last."""

    id: int
    """The number of a job: 1, 2, 3 …"""
    key: str | None
    """The parent's own name for the job; None if it has none."""
    percent: int | None
    """Whole percents verified; None before the first are known."""
    bytes_total: int | None
    """Of the content; None while its torrent is not known."""
    bytes_done: int
    """Verified, and written."""
    down_bytes_per_second: int
    """Of content received; smoothed, and 0 when nothing comes."""
    up_bytes_per_second: int
    """Of content sent; smoothed, and 0 when nothing goes."""
    bytes_down: int
    """Of content received."""
    bytes_up: int
    """Of content sent."""
    bytes_wasted: int
    """Received in vain: bad, twice, or not asked for."""
    peers: int
    """Peers connected."""
    seeds: int
    """Peers connected that have everything."""
    eta_seconds: int | None
    """Until it is complete; None when that cannot be said."""
    coalesced: int
    """So many of these gave way to this one, as they were not read in time."""


@dataclass(frozen=True)
class Stats:
    """Totals of all jobs."""

    jobs: dict[str, Any]
    """How many live jobs there are of each state."""
    bytes_done: int
    """Verified, of all live jobs."""
    down_bytes_per_second: int
    """Of content received."""
    up_bytes_per_second: int
    """Of content sent."""
    bytes_down: int
    """Of content received since the helper began."""
    bytes_up: int
    """Of content sent since the helper began."""
    bytes_wasted: int
    """Received in vain."""
    peers: int
    """Peers connected, each once a torrent."""


@dataclass(frozen=True)
class Description:
    """How a helper introduces itself."""

    protocol: str
    """The version of the dialect: clients go by its first number."""
    version: str
    """Of the program."""
    pid: int
    """Of its process."""
    capabilities: list[str]
    """What this helper can do, and this connection may."""
    limits: dict[str, Any]
    """What this helper takes."""
    peer_port: int | None
    """Where peers connect; None before it is open."""
    announce: list[list[str]]
    """What torrents made here announce to, by tier (BEP 12)."""
    next_id: int
    """The number of a job: 1, 2, 3 …"""
    session: str | None
    """The name of its session."""


class InstructionInvalidError(HelperError):
    """The instruction is empty, too long, not UTF-8, or none at all."""

    code = "INSTRUCTION_INVALID"


class InputUnsupportedError(HelperError):
    """Stdin is UTF-16; it must be UTF-8."""

    code = "INPUT_UNSUPPORTED"


class JobUnknownError(HelperError):
    """No live job has this id."""

    code = "JOB_UNKNOWN"


class RefusedError(HelperError):
    """The instruction does not fit this job."""

    code = "REFUSED"


class KeyTakenError(HelperError):
    """A live job has this key, and was asked for something else."""

    code = "KEY_TAKEN"


class ParamsInvalidError(HelperError):
    """What was handed over is not what the method takes."""

    code = "PARAMS_INVALID"


class WaitTimeoutError(HelperError):
    """What was waited for did not come in the time given."""

    code = "WAIT_TIMEOUT"


class ControlDeniedError(HelperError):
    """Who watches over a socket may not change anything."""

    code = "CONTROL_DENIED"


class ContentNotFoundError(HelperError):
    """There is nothing at the path to publish."""

    code = "CONTENT_NOT_FOUND"


class ContentEmptyError(HelperError):
    """The file or folder holds no bytes, so there is nothing to send."""

    code = "CONTENT_EMPTY"


class ContentUnsupportedError(HelperError):
    """A FIFO, socket, device, looping or dangling link, or a name that is not UTF-8."""

    code = "CONTENT_UNSUPPORTED"


class ContentUnreadableError(HelperError):
    """A file of the content cannot be read."""

    code = "CONTENT_UNREADABLE"


class ContentChangedError(HelperError):
    """The content changed while it was read, or after it was published or downloaded."""

    code = "CONTENT_CHANGED"


class TorrentUnwritableError(HelperError):
    """The .torrent file cannot be written."""

    code = "TORRENT_UNWRITABLE"


class SourceInvalidError(HelperError):
    """The source is neither a URL, a path, a magnet link, nor an info hash."""

    code = "SOURCE_INVALID"


class TorrentNotFoundError(HelperError):
    """There is no .torrent file at the path."""

    code = "TORRENT_NOT_FOUND"


class TorrentUnreadableError(HelperError):
    """The .torrent file cannot be read."""

    code = "TORRENT_UNREADABLE"


class HttpStatusError(HelperError):
    """The web server answered with an error status."""

    code = "HTTP_STATUS"


class HttpUnreachableError(HelperError):
    """The web server could not be reached."""

    code = "HTTP_UNREACHABLE"


class HttpTimeoutError(HelperError):
    """The web server took longer than allowed."""

    code = "HTTP_TIMEOUT"


class HttpRedirectsError(HelperError):
    """The web server redirected too often, or to what is neither HTTP nor a magnet link."""

    code = "HTTP_REDIRECTS"


class HttpForbiddenError(HelperError):
    """The web server redirected where it may not lead, as nearer to this machine."""

    code = "HTTP_FORBIDDEN"


class TooLargeError(HelperError):
    """The metainfo is larger than 32 MiB."""

    code = "TOO_LARGE"


class MetainfoInvalidError(HelperError):
    """The bytes are not valid metainfo."""

    code = "METAINFO_INVALID"


class MetainfoUnsupportedError(HelperError):
    """The torrent is of a kind this helper cannot do, such as BitTorrent v2 only."""

    code = "METAINFO_UNSUPPORTED"


class SelectionUnsupportedError(HelperError):
    """A magnet link selects files; that is not done yet, and all are fetched."""

    code = "SELECTION_UNSUPPORTED"


class PeerUnreachableError(HelperError):
    """A peer that a magnet link names cannot be found, or lies where it may not lead."""

    code = "PEER_UNREACHABLE"


class LinksSkippedError(HelperError):
    """Symbolic links of the torrent are not there: they lead outside, something else lies there, or the disk takes none."""  # noqa: E501

    code = "LINKS_SKIPPED"


class MetainfoFlawedError(HelperError):
    """The .torrent file has flaws outside of what is hashed, which were read over."""

    code = "METAINFO_FLAWED"


class NamesMendedError(HelperError):
    """The torrent has names that cannot stand on this disk, which were changed."""

    code = "NAMES_MENDED"


class DuplicateError(HelperError):
    """Another job of this helper holds the same torrent."""

    code = "DUPLICATE"


class DestinationExistsError(HelperError):
    """Something else lies where the download would go."""

    code = "DESTINATION_EXISTS"


class DiskFullError(HelperError):
    """The disk is full."""

    code = "DISK_FULL"


class DiskReadOnlyError(HelperError):
    """The disk can only be read."""

    code = "DISK_READ_ONLY"


class DiskDeniedError(HelperError):
    """This user may not read or write there."""

    code = "DISK_DENIED"


class DiskGoneError(HelperError):
    """A file or its disk is no longer there."""

    code = "DISK_GONE"


class FilesExhaustedError(HelperError):
    """Too many files are open."""

    code = "FILES_EXHAUSTED"


class DiskFailedError(HelperError):
    """The disk refused a read or a write."""

    code = "DISK_FAILED"


class EngineCrashError(HelperError):
    """The torrent brought the engine down three times."""

    code = "ENGINE_CRASH"


class TorrentTooLargeError(HelperError):
    """The torrent alone has more pieces or files than there is memory for."""

    code = "TORRENT_TOO_LARGE"


class WaitingForMemoryError(HelperError):
    """The torrents at work fill the memory; this one waits its turn."""

    code = "WAITING_FOR_MEMORY"


class TrackerUnreachableError(HelperError):
    """A tracker could not be reached, or refused the announce."""

    code = "TRACKER_UNREACHABLE"


class TrackerForbiddenError(HelperError):
    """A torrent or a server named a tracker where it may not lead, so that one is not asked."""

    code = "TRACKER_FORBIDDEN"


class TrackerWarningError(HelperError):
    """A tracker took the announce, and has something to say."""

    code = "TRACKER_WARNING"


class StalledError(HelperError):
    """The download made no progress for as long as --give-up allows."""

    code = "STALLED"


class OptionInvalidError(HelperError):
    """An option is unknown, malformed, or does not go with another."""

    code = "OPTION_INVALID"


class SessionBusyError(HelperError):
    """Another helper uses the session."""

    code = "SESSION_BUSY"


class SessionDamagedError(HelperError):
    """A job of the session cannot be read back."""

    code = "SESSION_DAMAGED"


class StateUnwritableError(HelperError):
    """The state directory cannot be written."""

    code = "STATE_UNWRITABLE"


class SocketBusyError(HelperError):
    """Another helper listens on the socket."""

    code = "SOCKET_BUSY"


class SocketUnusableError(HelperError):
    """The socket cannot be made, or its folder is open to others."""

    code = "SOCKET_UNUSABLE"


class EventsLostError(HelperError):
    """Events were not read in time, and are lost."""

    code = "EVENTS_LOST"


class HelperLostError(HelperError):
    """The helper that a client speaks to has ended, or does not answer."""

    code = "HELPER_LOST"


class StdoutUnwritableError(HelperError):
    """Stdout cannot be written, for another reason than that its reader has gone."""

    code = "STDOUT_UNWRITABLE"


class InspectorNotFoundError(HelperError):
    """The files of the inspector's page are not there, as where a program was bundled without them."""

    code = "INSPECTOR_NOT_FOUND"


class PortTakenError(HelperError):
    """A port that was asked for is in use, or its address is not this machine's."""

    code = "PORT_TAKEN"


class EngineNotFoundError(HelperError):
    """The file of the engine's thread is not there, as where a program was bundled without it."""

    code = "ENGINE_NOT_FOUND"


class RecordingExistsError(HelperError):
    """Something that is no recording lies where one would be written."""

    code = "RECORDING_EXISTS"


class RecordingUnwritableError(HelperError):
    """The recording cannot be written, or cannot be written any further."""

    code = "RECORDING_UNWRITABLE"


class RecordingUnreadableError(HelperError):
    """There is no recording at the path, or it cannot be read."""

    code = "RECORDING_UNREADABLE"


class ClosedError(HelperError):
    """The helper was closed before the job was done."""

    code = "CLOSED"


class RemovedError(HelperError):
    """The job was removed before it was done."""

    code = "REMOVED"


class ListenerFailedError(HelperError):
    """What the program gave to be called, onDiagnostic or inspect, threw."""

    code = "LISTENER_FAILED"


class InternalError(HelperError):
    """A bug in this program."""

    code = "INTERNAL"


_ERRORS: dict[str, type[HelperError]] = {
    each.code: each
    for each in (
        InstructionInvalidError,
        InputUnsupportedError,
        JobUnknownError,
        RefusedError,
        KeyTakenError,
        ParamsInvalidError,
        WaitTimeoutError,
        ControlDeniedError,
        ContentNotFoundError,
        ContentEmptyError,
        ContentUnsupportedError,
        ContentUnreadableError,
        ContentChangedError,
        TorrentUnwritableError,
        SourceInvalidError,
        TorrentNotFoundError,
        TorrentUnreadableError,
        HttpStatusError,
        HttpUnreachableError,
        HttpTimeoutError,
        HttpRedirectsError,
        HttpForbiddenError,
        TooLargeError,
        MetainfoInvalidError,
        MetainfoUnsupportedError,
        SelectionUnsupportedError,
        PeerUnreachableError,
        LinksSkippedError,
        MetainfoFlawedError,
        NamesMendedError,
        DuplicateError,
        DestinationExistsError,
        DiskFullError,
        DiskReadOnlyError,
        DiskDeniedError,
        DiskGoneError,
        FilesExhaustedError,
        DiskFailedError,
        EngineCrashError,
        TorrentTooLargeError,
        WaitingForMemoryError,
        TrackerUnreachableError,
        TrackerForbiddenError,
        TrackerWarningError,
        StalledError,
        OptionInvalidError,
        SessionBusyError,
        SessionDamagedError,
        StateUnwritableError,
        SocketBusyError,
        SocketUnusableError,
        EventsLostError,
        HelperLostError,
        StdoutUnwritableError,
        InspectorNotFoundError,
        PortTakenError,
        EngineNotFoundError,
        RecordingExistsError,
        RecordingUnwritableError,
        RecordingUnreadableError,
        ClosedError,
        RemovedError,
        ListenerFailedError,
        InternalError,
    )
}


# --- end of what is written by `npm run schema`


@dataclass(frozen=True)
class Event:
    """What the helper told: `job.done`, `tracker.changed`, …; or this client: `client.lost`, `client.restarted`."""

    name: str
    time_ms: int
    id: int | None
    key: str | None
    params: Mapping[str, Any]
    """All of it, as the dialect has it."""


Fields = dict[str, Any]
_CLASSES = TypeVar("_CLASSES")

_MAJOR_VERSION = "1"
_LONGEST_LINE_BYTES = 64 * 2**20
_JOBS_PER_PAGE = 1_000
#: So long those who read may change before the helper is told.
_SUBSCRIBING_SECONDS = 0.05
#: Waiting for one reader.
_MOST_EVENTS = 250_000
#: Beyond so many jobs by name, all are asked for.
_MOST_NAMED = 100
#: A helper that has lived so long was a good one.
_STEADY_SECONDS = 60.0
_FIRST_WAIT_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 10.0
#: A graceful stop takes 5 s at most.
_STOP_SECONDS = 6.0
#: All but numbers, which are told where somebody reads them.
_LIFECYCLE = (
    "job.known job.published job.state job.done job.moved job.verified job.announced "
    "job.failed job.ended job.warning tracker.* helper.*"
).split()


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match.group(1).upper(), name)


def _read(cls: Callable[..., _CLASSES], fields: Mapping[str, Any]) -> _CLASSES:
    """A dataclass of what was told; what it leaves out is None, and what nobody knows here is passed over."""
    names = [field.name for field in dataclasses.fields(cls)]  # type: ignore[arg-type]
    return cls(**{name: fields.get(_camel(name)) for name in names})


def _id_and_key(fields: Fields) -> tuple[int | None, str | None]:
    id, key = fields.get("id"), fields.get("key")
    return id if isinstance(id, int) else None, key if isinstance(key, str) else None


def _read_error(fields: Any) -> HelperError:
    """Of an answer, `{code, message, data: {code, …}}`, or of an event."""
    fields = fields if isinstance(fields, dict) else {}
    data = fields.get("data")
    if isinstance(data, dict):
        fields = {**fields, **data}
    code, message = fields.get("code"), str(fields.get("message", "the helper said no more"))
    if not isinstance(code, str):
        return ClosedError(message) if code == -32800 else ParamsInvalidError(f"{message} ({code})")
    failure = _read(Failure, fields)
    known = _ERRORS.get(code)
    return known(message, failure) if known else HelperError(message, failure, code)


def _lost(why: str) -> HelperError:
    return HelperLostError(f"the helper is gone: {why}")


def _closed() -> HelperError:
    return ClosedError("the helper was closed, or told to stop")


def _quiet(future: asyncio.Future[Any]) -> None:
    """What it fails with is raised where somebody waits for it, and told nowhere else."""
    if not future.cancelled():
        future.exception()


def _future() -> asyncio.Future[Any]:
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.add_done_callback(_quiet)
    return future


def _settle(future: asyncio.Future[Any], value: Any) -> None:
    if not future.done():
        future.set_result(value)


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)


async def _within(future: asyncio.Future[T], timeout: float | None, what: str) -> T:
    try:
        return await asyncio.wait_for(asyncio.shield(future), timeout)
    except asyncio.TimeoutError:
        if future.done():
            raise
        raise WaitTimeoutError(f"{what} did not come within {timeout} s") from None


# --- one life of a helper


class _Life:
    """From a helper's first line to its end. It knows no method, and never tries again."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        hear: Callable[[str, Fields], None],
        why_ended: Callable[[], Awaitable[HelperError]],
        end: Callable[[_Life], Awaitable[None]],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._hear = hear
        self._why_ended = why_ended
        self._end = end
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._takers: dict[int, Callable[[Any], None]] = {}
        self._is_over = False
        self._was_told_to_stop = False
        self.description: Description
        self._ready = _future()
        #: Done at its end: with what went wrong, or None if it was told to stop.
        self.ended: asyncio.Task[HelperError | None] = asyncio.ensure_future(self._read_on())

    async def ready(self) -> None:
        await asyncio.wait([self._ready, self.ended], return_when=asyncio.FIRST_COMPLETED)
        if not self._ready.done():
            await self._end(self)
            raise self.ended.result() or _lost("it was told to stop before it was ready")
        if self._ready.exception():
            await self._end(self)
        self.description = self._ready.result()

    def request(
        self, method: str, params: Fields | None = None, take: Callable[[Any], None] | None = None
    ) -> asyncio.Future[Any]:
        """Written at once, in the order of the calls. Cancelled: so is what it asked for.

        `take` hears the result in its place among what is told; whoever awaits it may hear later lines first.
        """
        future = _future()
        if self._is_over:
            future.set_exception(_lost("its process has ended, or its connection was closed"))
            return future
        id = next(self._ids)
        self._waiting[id] = future
        if take:
            self._takers[id] = take
        future.add_done_callback(lambda _: self._cancel(id))
        self._write({"id": id, "method": method, "params": params or {}})
        return future

    async def end(self) -> None:
        await self._end(self)

    def close(self) -> None:
        self._writer.close()

    def _cancel(self, id: int) -> None:
        self._takers.pop(id, None)
        if self._waiting.pop(id, None) is not None and not self._is_over:
            self._write({"method": "$/cancel", "params": {"id": id}})

    def _write(self, message: Fields) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):
            self._writer.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    async def _read_on(self) -> HelperError | None:
        # A line without end is cut off there, as if the helper had ended.
        with contextlib.suppress(OSError, ValueError):
            while True:
                line = await self._reader.readline()
                if not line.endswith(b"\n"):
                    break
                self._take(line)
        self._is_over = True
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            _fail(future, _lost("its process has ended, or its connection was closed"))
        why = await self._why_ended()
        return None if self._was_told_to_stop else why

    def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return  # A program that stands in between may have said it.
        if not isinstance(message, dict):
            return
        method, params = message.get("method"), message.get("params")
        if isinstance(method, str):
            self._notified(method, params if isinstance(params, dict) else {})
            return
        id = message.get("id")
        future = self._waiting.pop(id, None) if isinstance(id, int) else None
        if future is None:
            return
        if "error" in message:
            _fail(future, _read_error(message["error"]))
            return
        take, result = self._takers.pop(message["id"], None), message.get("result")
        if take:
            take(result)
        _settle(future, result)

    def _notified(self, method: str, params: Fields) -> None:
        if method == "helper.stopping":
            self._was_told_to_stop = True
        if method != "helper.ready":
            self._hear(method, params)
            return
        protocol = str(params.get("protocol"))
        if protocol.split(".")[0] == _MAJOR_VERSION:
            _settle(self._ready, _read(Description, params))
        else:
            message = f"the helper speaks version {protocol} of the dialect, and this program {_MAJOR_VERSION}"
            _fail(self._ready, InputUnsupportedError(message))


Hear = Callable[[str, Fields], None]


class _OwnHelper:
    """A process that is begun here, and ends with its client."""

    is_shared = False

    def __init__(
        self,
        command: Sequence[str],
        cwd: Path | None,
        env: Mapping[str, str] | None,
        on_diagnostic: Callable[[str], None] | None,
    ) -> None:
        self._command = command
        self._cwd = cwd
        self._env = env
        self._on_diagnostic = on_diagnostic

    async def open(self, hear: Hear) -> _Life:
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                cwd=self._cwd,
                env=self._env,
                limit=_LONGEST_LINE_BYTES,
            )
        except OSError as error:
            raise HelperLostError(f"{self._command[0]} cannot be started: {error.strerror}") from error
        assert process.stdin and process.stdout and process.stderr
        stdin = process.stdin
        last = [""]
        heard = asyncio.ensure_future(self._hear_diagnostics(process.stderr, last))

        async def why_ended() -> HelperError:
            # One that says no more and does not end is of no use.
            code = await _ended_process(process)
            # What could not be written any more is said there, and nobody need hear it.
            stdin.close()
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                await asyncio.wait_for(stdin.wait_closed(), 0.1)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(heard, 0.1)
            said = re.match(r"bittorrent-helper: ([A-Z_]+): (.*)", last[0])
            if code == 2 and said and said.group(1) in _ERRORS:
                return _ERRORS[said.group(1)](said.group(2))
            return _lost(f"its process has ended ({code})" + (f"; it said last: {last[0]}" if last[0] else ""))

        async def end(life: _Life) -> None:
            life.request("helper.quit")
            # Also for one that does not read it: the end of its instructions means the same.
            life.close()
            await _ended_process(process)

        life = _Life(process.stdout, process.stdin, hear, why_ended, end)
        try:
            await life.ready()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await life.ended
            raise
        return life

    async def _hear_diagnostics(self, stderr: asyncio.StreamReader, last: list[str]) -> None:
        with contextlib.suppress(OSError, ValueError):
            async for line in stderr:
                last[0] = line.decode(errors="replace").rstrip("\r\n")
                if not self._on_diagnostic:
                    continue
                try:
                    self._on_diagnostic(last[0])
                except Exception as error:
                    # A helper whose lines are not read any more would stand still.
                    context = {"message": "on_diagnostic raised", "exception": error}
                    asyncio.get_running_loop().call_exception_handler(context)


async def _ended_process(process: asyncio.subprocess.Process) -> int:
    try:
        return await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except asyncio.TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        return await process.wait()


class _RunningHelper:
    """A helper behind a socket, which goes on when its client ends."""

    is_shared = True

    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)

    async def open(self, hear: Hear) -> _Life:
        connect = getattr(asyncio, "open_unix_connection", None)
        if connect is None:
            raise HelperLostError("sockets of this kind are not there for Python on this system")
        try:
            reader, writer = await connect(self._path, limit=_LONGEST_LINE_BYTES)
        except OSError as error:
            raise HelperLostError(f"no helper can be reached at {self._path}: {error.strerror}") from error

        async def why_ended() -> HelperError:
            # Its own end stays open otherwise.
            writer.close()
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), 0.1)
            return _lost(f"the connection to {self._path} was closed")

        async def end(life: _Life) -> None:
            life.close()

        life = _Life(reader, writer, hear, why_ended, end)
        await life.ready()
        return life


_Source = Union[_OwnHelper, _RunningHelper]


# --- for asyncio


class AsyncJob:
    """A job. It outlives the process that works at it; what is known of it is what was told last."""

    def __init__(self, helper: AsyncHelper, key: str | None, request: tuple[str, Fields] | None, facts: Fields) -> None:
        self._helper = helper
        self.key: str | None = key
        """What stays the same when the helper dies."""
        self._request = request
        self._facts = facts
        self._id: int | None = None
        self._bound = _future()
        self._was_paused: bool | None = None
        self._published = _future()
        self._done = _future()
        self._ended = _future()
        self._progress: Fields = {}
        self._readers: set[_Reader] = set()
        self._is_paused_by_user = False
        self._moved_to: str | None = None

    @property
    def id(self) -> int | None:
        """None until the helper has answered. Another helper may give it another one."""
        return self._id

    @property
    def info(self) -> JobInfo:
        """All that is known of it."""
        return _read(JobInfo, {**self._facts, "id": self._id, "key": self.key})

    @property
    def stats(self) -> Progress:
        """As measured last, while somebody reads `progress`."""
        zeros = {_camel(field.name): 0 for field in dataclasses.fields(Progress) if field.type == "int"}
        return _read(Progress, {**zeros, **self._progress, "id": self._id, "key": self.key})

    @property
    def kind(self) -> str:
        return str(self._facts["kind"])

    @property
    def file(self) -> str:
        """The path as given for a seed; the torrent's name for a download, or its source while there is no name."""
        name = self._facts.get("name") if self.kind == "download" else None
        return str(name or self._facts["file"])

    @property
    def state(self) -> State:
        return self._facts["state"]  # type: ignore[no-any-return]

    @property
    def percent(self) -> int | None:
        """0 to 100, as told last: while somebody reads `progress`, and at the end."""
        return self._facts.get("percent")

    @property
    def error(self) -> HelperError | None:
        """Why it failed, or ended before it was done."""
        if not self._done.done():
            return None
        error = self._done.exception()
        return error if isinstance(error, HelperError) else None

    @property
    def is_over(self) -> bool:
        """Nothing more comes of it."""
        return self._ended.done()

    async def published(self, timeout: float | None = None) -> JobInfo:
        """Waits until a seed is published. Raises why it failed, or WaitTimeoutError after so many seconds."""
        if self.kind == "download":
            raise RefusedError(f"{self.file} is a download: it is never published; wait for done")
        await _within(self._published, timeout, f"that {self.file} is published")
        return self.info

    async def done(self, timeout: float | None = None) -> JobInfo:
        """Waits until a download is complete and safe on disk, or a seed published. Raises as `published` does."""
        await _within(self._done, timeout, f"{self.file}")
        return self.info

    async def ended(self, timeout: float | None = None) -> JobInfo:
        """Waits until nothing more comes of it. Raises why it failed, if it did."""
        await _within(self._ended, timeout, f"the end of {self.file}")
        if self.state == "failed" and self.error:
            raise self.error
        return self.info

    async def progress(self, every: float = 1.0, until: Until = "done") -> AsyncGenerator[Progress, None]:
        """Its numbers as they change, so often at most (0.1 s or more), until it is done. Raises why it failed."""
        reader = _Reader(every, {self})
        self._helper._add_reader(reader)
        last: int | None = -1
        try:
            while not self._is_finished(until):
                if await reader.next():
                    last = self.stats.percent
                    yield self.stats
            if self.percent == 100 and last != 100:
                yield self.stats
            if until == "ended":
                await self.ended()
            else:
                await self.done()
        finally:
            self._helper._remove_reader(reader)

    def _is_finished(self, until: Until) -> bool:
        return self._ended.done() or (until == "done" and self._done.done())

    async def pause(self) -> None:
        """Returns when it is paused and has let go of its files."""
        await self._helper._command(self, "job.pause")

    async def resume(self) -> None:
        await self._helper._command(self, "job.resume")

    async def move(self, dir: Path) -> None:
        """Returns when the content lies in that folder."""
        await self._helper._command(self, "job.move", {"dir": os.fspath(dir)})

    async def verify(self) -> None:
        """Reads the content again. Returns when all is checked."""
        await self._helper._command(self, "job.verify")

    async def announce(self) -> None:
        """Asks its trackers for peers now. Returns when one has accepted."""
        await self._helper._command(self, "job.announce")

    async def remove(self, data: bool = False) -> None:
        """Forgets it; `data`: deletes what was downloaded, too. Returns when its files are let go of."""
        await self._helper._command(self, "job.remove", {"data": True} if data else {})
        self._end(RemovedError(f"{self.file} was removed before it was done"), "removed")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.file!r} {self.state} {self.percent}>"

    # What follows is for the helper alone.

    def _bind(self, id: int | None) -> None:
        if self.is_over or id == self._id:
            return
        if self._id is not None:
            # Whoever waits for an id gets the newest.
            self._bound = _future()
        self._id = id
        if id is None:
            self._was_paused = self._is_paused_by_user
        else:
            _settle(self._bound, id)

    def _params(self, is_remembered: bool) -> Fields:
        """How it is asked for; of a helper that remembers nothing, as it has become."""
        assert self._request
        params = {**self._request[1], "key": self.key}
        if is_remembered or self._was_paused is None:
            return params
        if self.kind == "seed":
            return {**params, "path": self._moved_to or params["path"]}
        if self._moved_to:
            params["dir"] = os.path.dirname(self._moved_to)
        return {**params, "paused": self._was_paused}

    def _is_like(self, facts: Fields) -> bool:
        """Whether these may be told of it."""
        told, mine = facts.get("infoHash"), self._facts.get("infoHash")
        is_same = self.key == facts.get("key") and self.kind == facts.get("kind")
        return is_same and (told is None or mine is None or told == mine)

    def _learn(self, facts: Fields) -> None:
        if self.is_over:
            return
        before = self.percent
        self._facts = {**self._facts, **facts}
        self._rise(before)
        if facts.get("error"):
            self._end(_read_error(facts["error"]), "failed")
        elif facts.get("doneMs") is not None or self.percent == 100:
            self._complete()
        self._wake()

    def _apply(self, name: str, params: Fields) -> None:
        if self.is_over:
            return
        told = {key: value for key, value in params.items() if key not in ("seq", "timeMs", "id", "key")}
        if name == "job.known":
            self._facts.update(told)
        elif name == "job.state":
            self._facts["state"] = params.get("to")
            if params.get("from") is None:
                self._facts["addedMs"] = params.get("timeMs")
            self._is_paused_by_user = params.get("to") == "paused" and params.get("reason") != "disk"
        elif name == "job.published":
            self._facts.update(told)
            self._facts.setdefault("doneMs", params.get("timeMs"))
            self._complete()
        elif name == "job.done":
            self._facts["contentPath"] = params.get("contentPath")
            self._facts.setdefault("doneMs", params.get("timeMs"))
            self._complete()
        elif name == "job.moved":
            self._moved_to = self._facts["contentPath"] = params.get("contentPath")
        elif name == "job.failed":
            self._end(_read_error(params.get("error")), "failed")
        elif name == "job.ended":
            removed = params.get("end") == "removed"
            error = RemovedError(f"{self.file} was removed before it was done") if removed else _closed()
            self._end(error, "removed" if removed else self.state)
        self._wake()

    def _measured(self, params: Fields) -> None:
        self._progress = {key: value for key, value in params.items() if key not in ("seq", "timeMs")}
        before, self._facts["percent"] = self.percent, params.get("percent")
        self._rise(before)
        self._progress["percent"] = self.percent

    def _rise(self, before: int | None) -> None:
        """Percents only ever rise, also where another helper begins again."""
        now = self.percent
        self._facts["percent"] = max((each for each in (now, before) if each is not None), default=None)

    def _complete(self) -> None:
        self._facts["percent"] = self._progress["percent"] = 100
        # What was measured last was measured before.
        total = self._progress.get("bytesTotal") or self._facts.get("lengthBytes")
        if total is not None:
            self._progress.update(bytesTotal=total, bytesDone=total, etaSeconds=None)
        if self.kind == "seed":
            _settle(self._published, None)
        _settle(self._done, None)

    def _end(self, error: HelperError, state: str) -> None:
        if self.is_over:
            return
        self._facts["state"] = state
        for future in (self._published, self._done, self._bound):
            _fail(future, error)
        _settle(self._ended, None)
        self._wake()
        self._helper._forget(self)

    def _wake(self) -> None:
        for reader in self._readers:
            reader.wake()


class _Reader:
    """Somebody who reads numbers at a pace: of each job the newest waits."""

    def __init__(self, every: float, jobs: set[AsyncJob] | None) -> None:
        if not every >= 0.1:
            raise OptionInvalidError(f"every: expected 0.1 s or more, not {every}")
        self.every = every
        self.jobs = jobs
        self._changed: dict[AsyncJob, None] = {}
        self._is_closed = False
        self._wakeup = asyncio.Event()
        self._due = 0.0

    def changed(self, job: AsyncJob) -> None:
        self._changed[job] = None
        self._wakeup.set()

    def wake(self) -> None:
        self._wakeup.set()

    def close(self) -> None:
        self._is_closed = True
        self._wakeup.set()

    async def next(self) -> list[AsyncJob]:
        """Those that changed; empty when it was woken for another reason."""
        await self._wakeup.wait()
        self._wakeup.clear()
        rest = self._due - time.monotonic()
        # The helper has the same pace, and is not to be missed by a moment each time.
        while self._changed and rest > 0 and not self._is_closed:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wakeup.wait(), rest)
            self._wakeup.clear()
            if self.jobs and any(job._done.done() for job in self.jobs):
                break
            rest = self._due - time.monotonic()
        # What comes together is told together.
        await asyncio.sleep(0)
        changed, self._changed = list(self._changed), {}
        if changed:
            self._due = time.monotonic() + self.every - 0.05
        return changed


class _EventReader:
    """Somebody who reads events: all of them, unless too many wait."""

    def __init__(self) -> None:
        self._waiting: deque[Event] = deque()
        self._wakeup = asyncio.Event()
        self._is_closed = False
        self._has_lost = False

    def push(self, event: Event) -> None:
        if self._has_lost:
            return
        if len(self._waiting) >= _MOST_EVENTS:
            self._has_lost = True
            self._waiting.clear()
        else:
            self._waiting.append(event)
        self._wakeup.set()

    def close(self) -> None:
        self._is_closed = True
        self._wakeup.set()

    async def next(self) -> Event | None:
        while not self._waiting:
            if self._has_lost:
                raise EventsLostError(f"{_MOST_EVENTS} events were waiting to be read, so they are dropped")
            if self._is_closed:
                return None
            self._wakeup.clear()
            await self._wakeup.wait()
        return self._waiting.popleft()


class AsyncHelper:
    """A helper, for asyncio: `async with AsyncHelper(download_dir="downloads") as helper`.

    The options are those of the command, see `bittorrent-helper --help`; `args` are more of them, as the command has
    them. `command` starts it: by default $BITTORRENT_HELPER, or `bittorrent-helper`, or `npx bittorrent-helper`.
    `max_restarts`: so often in a row another is begun, each having died within a minute. `on_diagnostic` hears each
    line that it writes for people.
    """

    def __init__(
        self,
        *,
        torrent_dir: Path | None = None,
        download_dir: Path | None = None,
        tracker: str | Sequence[str] | None = None,
        no_tracker: bool = False,
        host: str | None = None,
        listen: str | None = None,
        port: int | None = None,
        tracker_port: int | None = None,
        public: bool = False,
        no_dht: bool = False,
        down: int | str | None = None,
        up: int | str | None = None,
        give_up: int | float | None = None,
        session: str | None = None,
        state_dir: Path | None = None,
        max_active: int | None = None,
        move_completed: Path | None = None,
        args: Sequence[str] = (),
        command: Sequence[str] | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        max_restarts: int = 5,
        on_diagnostic: Callable[[str], None] | None = None,
    ) -> None:
        options: dict[str, object] = {
            "torrent-dir": torrent_dir,
            "download-dir": download_dir,
            "tracker": tracker,
            "no-tracker": no_tracker,
            "host": host,
            "listen": listen,
            "port": port,
            "tracker-port": tracker_port,
            "public": public,
            "no-dht": no_dht,
            "down": down,
            "up": up,
            "give-up": give_up,
            "session": session,
            "state-dir": state_dir,
            "max-active": max_active,
            "move-completed": move_completed,
        }
        # Should this program be killed, its end of the pipe closes, whatever stands in between.
        given = [*(command or _own_command()), "--json", "--on-eof", "stop", *_arguments(options), *args]
        if on_diagnostic is None:
            given.append("--quiet")
        self._begin(_OwnHelper(given, cwd, env, on_diagnostic), max_restarts)

    @classmethod
    def connect(cls, socket_path: Path, max_restarts: int = 0) -> AsyncHelper:
        """A helper that runs already, over the socket that `--socket` told it to open. Closing it leaves it at work."""
        helper = cls.__new__(cls)
        helper._begin(_RunningHelper(socket_path), max_restarts)
        return helper

    def _begin(self, source: _Source, max_restarts: int) -> None:
        self._source = source
        self._max_restarts = max_restarts
        self._all: dict[AsyncJob, None] = {}
        self._by_key: dict[str, AsyncJob] = {}
        self._by_id: dict[int, list[AsyncJob]] = {}
        #: Jobs of somebody else that the helper is being asked about; with their end, if that came before the answer.
        self._meeting: dict[int, Fields | None] = {}
        self._readers: set[_Reader] = set()
        self._readers_of_all: set[_Reader] = set()
        self._event_readers: set[_EventReader] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._life: _Life | None = None
        self._description: Description | None = None
        self._over: HelperError | None = None
        self._is_closing = False
        self._lives: asyncio.Task[None] | None = None
        self._subscription: int | None = None
        self._subscribed: Fields | None = None
        self._subscribing: asyncio.Task[None] | None = None

    async def start(self) -> AsyncHelper:
        """Returns when the helper is there, and the jobs of its session, if it has one, are known."""
        self._up = _future()
        self._restored = _future()
        self._stopped = _future()
        self._closing = asyncio.Event()
        life = await self._begin_life()
        self._lives = asyncio.ensure_future(self._keep_alive(life))
        return self

    async def close(self) -> None:
        """Stops the helper gracefully, if it was begun here; else lets go of it."""
        if self._lives is None:
            return
        self._is_closing = True
        self._closing.set()
        life = self._life
        if life:
            await life.end()
        await self._lives

    async def __aenter__(self) -> AsyncHelper:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def description(self) -> Description:
        """How the helper has introduced itself."""
        if self._description is None:
            raise _closed()
        return self._description

    @property
    def jobs(self) -> list[AsyncJob]:
        """The live jobs, by id; those last that have none yet."""
        jobs = [job for job in self._all if job.id is None or self._by_id[job.id][0] is job]
        return sorted(jobs, key=lambda job: job.id or sys.maxsize)

    def job(self, id: int) -> AsyncJob | None:
        return next(iter(self._by_id.get(id, [])), None)

    def job_by_key(self, key: str) -> AsyncJob | None:
        return self._by_key.get(key)

    def seed(self, path: Path, key: str | None = None) -> AsyncJob:
        """Makes a torrent of a file or folder, publishes it, and seeds it from where it lies.

        The same key and the same request give the same job; another request under it raises KeyTakenError.
        """
        path = os.fspath(path)
        return self._give("seed", path, ("job.publish", {"path": path}), key)

    def download(
        self,
        source: Path | bytes,
        key: str | None = None,
        dir: Path | None = None,
        paused: bool = False,
    ) -> AsyncJob:
        """Downloads and then seeds: a URL or path of a .torrent, a magnet link, an info hash, or a .torrent's bytes."""
        params: Fields = {}
        if isinstance(source, (bytes, bytearray)):
            params["metainfo"] = base64.b64encode(source).decode()
        else:
            params["source"] = os.fspath(source)
        if dir is not None:
            params["dir"] = os.fspath(dir)
        if paused:
            params["paused"] = True
        return self._give("download", params.get("source", "metainfo"), ("job.fetch", params), key)

    def events(self) -> AsyncGenerator[Event, None]:
        """What the helper tells from now on, in order and without a gap.

        A reader that lets 250,000 of them wait hears no more, and gets EventsLostError.
        """
        reader = _EventReader()
        if self._over:
            reader.close()
        else:
            self._event_readers.add(reader)
        return self._read_events(reader)

    async def _read_events(self, reader: _EventReader) -> AsyncGenerator[Event, None]:
        try:
            while True:
                event = await reader.next()
                if event is None:
                    return
                yield event
        finally:
            self._event_readers.discard(reader)

    async def progress(self, every: float = 1.0) -> AsyncGenerator[list[Progress], None]:
        """The numbers of all jobs that changed, a list a pace."""
        reader = _Reader(every, None)
        self._add_reader(reader)
        try:
            while self._over is None:
                changed = await reader.next()
                if changed:
                    yield [job.stats for job in changed]
        finally:
            self._remove_reader(reader)

    async def stats(self) -> Stats:
        """Totals of all jobs."""
        return _read(Stats, await self.request("helper.stats"))

    async def request(self, method: str, **params: Any) -> Any:
        """Calls a method of the dialect. Raises HelperLostError if the helper dies meanwhile: it is not asked again."""
        life: _Life = await asyncio.shield(self._up)
        return await life.request(method, params)

    async def describe(self) -> Description:
        """How it introduces itself now: its ports may not have been open at first."""
        self._description = _read(Description, await self.request("helper.describe"))
        return self._description

    async def stopped(self) -> None:
        """Waits until it is over. Raises why, if it was neither closed nor told to stop."""
        await asyncio.shield(self._stopped)

    # --- jobs

    def _give(self, kind: str, file: str, request: tuple[str, Fields], key: str | None) -> AsyncJob:
        if self._lives is None:
            raise ClosedError("the helper is not started: use `async with`, or await start()")
        if self._over or self._is_closing:
            raise self._over or _closed()
        if not file or "\0" in file or any(0xD800 <= ord(letter) < 0xE000 for letter in file):
            raise InstructionInvalidError(f"{kind}: {file!r} can be no path or source: it must be Unicode text")
        if key is not None and not 0 < len(key) <= 128:
            raise OptionInvalidError(f"key: expected 1 to 128 characters, not {key!r}")
        key = str(uuid.uuid4()) if key is None else key
        other = self._by_key.get(key)
        if other and other._request:
            if other._request == request:
                return other
            raise KeyTakenError(f"the key {key} is that of {other.file}")
        state = "making" if kind == "seed" else "fetching"
        facts = {"kind": kind, "file": file, "state": state, "addedMs": int(time.time() * 1000)}
        job = self._new_job(key, request, facts)
        if self._life:
            self._in_background(self._ask(job, self._life, *self._send(job, self._life)))
        return job

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        # An event loop remembers no task for whoever has begun it.
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _new_job(self, key: str | None, request: tuple[str, Fields] | None, facts: Fields) -> AsyncJob:
        job = AsyncJob(self, key, request, facts)
        self._all[job] = None
        if key is not None:
            self._by_key[key] = job
        return job

    def _forget(self, job: AsyncJob) -> None:
        self._all.pop(job, None)
        if job.key is not None and self._by_key.get(job.key) is job:
            del self._by_key[job.key]
        self._forget_id(job)

    def _forget_id(self, job: AsyncJob) -> None:
        if job.id is None:
            return
        self._meeting.pop(job.id, None)
        others = [each for each in self._by_id.get(job.id, []) if each is not job]
        if others:
            self._by_id[job.id] = others
        else:
            self._by_id.pop(job.id, None)

    def _bind_job(self, job: AsyncJob, id: int) -> None:
        if job.id != id:
            self._forget_id(job)
        job._bind(id)
        if not job.is_over:
            self._by_id[id] = [job, *(each for each in self._by_id.get(id, []) if each is not job)]

    def _known(self, id: int, key: str | None) -> list[AsyncJob]:
        """The jobs that go by this id, or are about to."""
        known = self._by_id.get(id, [])
        if known or key is None:
            return known
        job = self._by_key.get(key)
        if job is None or job.id is not None:
            return []
        self._bind_job(job, id)
        return [job]

    def _send(self, job: AsyncJob, life: _Life) -> tuple[asyncio.Future[Any], bool]:
        """Its answer, and whether it is asked to begin paused."""
        assert job._request
        params = job._params(self._is_remembered(life))

        def bind(answer: Fields) -> None:
            if answer.get("id") is not None:
                self._bind_job(job, answer["id"])

        return life.request(job._request[0], params, bind), bool(params.get("paused"))

    async def _ask(self, job: AsyncJob, life: _Life, asked: asyncio.Future[Any], paused: bool) -> None:
        was_paused = job._was_paused
        try:
            answer = await asked
            id, created = answer.get("id"), answer.get("created", True)
            facts = None if created else await life.request("job.get", {"id": id}, job._learn)
            self._resubscribe()
            is_paused = facts["state"] == "paused" if facts else paused
            if was_paused is not None and was_paused != is_paused:
                # What a session had not written yet when it died. What cannot be paused any more goes on.
                with contextlib.suppress(HelperError):
                    await life.request("job.pause" if was_paused else "job.resume", {"id": id})
        except HelperLostError:
            pass
        except HelperError as error:
            job._end(error, "failed")

    async def _command(self, job: AsyncJob, method: str, params: Fields | None = None) -> None:
        """By the helper of now; if that dies over it, by the next one."""
        while True:
            if job.is_over:
                raise JobUnknownError(f"the job of {job.file} is over")
            id = await asyncio.shield(job._bound)
            life = await self._current()
            if job.id != id:
                continue
            try:
                await life.request(method, {"id": id, **(params or {})})
                return
            except HelperLostError:
                if self._over or self._is_closing:
                    raise
                self._down(life)

    async def _current(self) -> _Life:
        if self._life:
            return self._life
        life: _Life = await asyncio.shield(self._up)
        return life

    # --- what the helper tells

    def _hear(self, name: str, params: Fields) -> None:
        id, key = _id_and_key(params)
        if name == "job.progress":
            for job in self._by_id.get(id or 0, []):
                job._measured(params)
                for reader in (*job._readers, *self._readers_of_all):
                    reader.changed(job)
            return
        if name == "helper.restored":
            _settle(self._restored, None)
        if id is not None:
            # Only so does a job begin: of one that is over, more may be told after that was answered.
            is_first = name == "job.state" and params.get("from") is None
            known = self._known(id, key) if is_first else self._by_id.get(id, [])
            if is_first and not known:
                self._meet(id, key)
            if name == "job.ended" and id in self._meeting:
                self._meeting[id] = params
            for job in list(known):
                job._apply(name, params)
        self._emit(name, params)

    def _emit(self, name: str, params: Fields) -> None:
        time_ms = params.get("timeMs") or int(time.time() * 1000)
        for reader in self._event_readers:
            reader.push(Event(name, time_ms, *_id_and_key(params), params))

    def _meet(self, id: int, key: str | None) -> None:
        """Somebody else has asked for it."""
        if self._life and id not in self._meeting:
            self._meeting[id] = None
            self._in_background(self._get(id, key, self._life))

    async def _get(self, id: int, key: str | None, life: _Life) -> None:
        def met(facts: Fields) -> None:
            if id not in self._meeting:
                return
            end = self._meeting.pop(id)
            # Whoever has its key now is this one, and knows it, or has come after it.
            if key is None or key not in self._by_key:
                self._learn(facts)
            if end:
                for job in list(self._by_id.get(id, [])):
                    job._apply("job.ended", end)

        try:
            await life.request("job.get", {"id": id}, met)
        except HelperError:
            if self._life is life:
                self._meeting.pop(id, None)

    def _learn(self, facts: Fields) -> None:
        id, key = _id_and_key(facts)
        if id is None:
            return
        # A helper that began anew behind the same socket counts from 1 again.
        for job in list(self._by_id.get(id, [])):
            if job._request is None and not job._is_like(facts):
                job._end(_lost("its jobs are gone, too"), "failed")
        if not self._known(id, key):
            self._bind_job(self._new_job(key, None, dict(facts)), id)
        for job in list(self._known(id, key)):
            job._learn(facts)

    # --- numbers: one subscription stands for all who read

    def _add_reader(self, reader: _Reader) -> None:
        self._readers.add(reader)
        for readers in self._reader_sets(reader):
            readers.add(reader)
        if self._over:
            reader.close()
        self._resubscribe()

    def _remove_reader(self, reader: _Reader) -> None:
        self._readers.discard(reader)
        for readers in self._reader_sets(reader):
            readers.discard(reader)
        self._resubscribe()

    def _reader_sets(self, reader: _Reader) -> list[set[_Reader]]:
        return [self._readers_of_all] if reader.jobs is None else [job._readers for job in reader.jobs]

    def _resubscribe(self) -> None:
        if self._subscribing is None and self._life and self._up.done():
            self._subscribing = asyncio.ensure_future(self._subscribe(self._life))

    async def _subscribe(self, life: _Life) -> None:
        try:
            while True:
                # What changes together is asked for together.
                await asyncio.sleep(_SUBSCRIBING_SECONDS)
                wanted = self._wanted()
                if wanted == self._subscribed or self._life is not life:
                    return
                before, self._subscribed = self._subscription, wanted
                # In this order, so that nothing is missed between.
                answer = await life.request("events.listen", wanted) if wanted else {}
                self._subscription = answer.get("subscription")
                if before is not None:
                    await life.request("events.stop", {"subscription": before})
        except HelperError:
            pass  # A helper that dies over it is followed by one that is asked anew.
        finally:
            self._subscribing = None

    def _wanted(self) -> Fields | None:
        if not self._readers:
            return None
        every_ms = min(int(min(reader.every for reader in self._readers) * 1000), 3_600_000)
        every: Fields = {"topics": ["job.progress"], "everyMs": every_ms}
        ids: set[int] = set()
        for reader in self._readers:
            if reader.jobs is None:
                return every
            ids.update(job.id for job in reader.jobs if job.id is not None)
            if len(ids) > _MOST_NAMED:
                return every
        return {**every, "ids": sorted(ids)} if ids else None

    # --- one helper after the other

    def _is_remembered(self, life: _Life) -> bool:
        """Whether its jobs do not end with this client, or with their helper."""
        return self._source.is_shared or life.description.session is not None

    async def _begin_life(self) -> _Life:
        life = await self._source.open(self._hear)
        try:
            await self._settle_in(life)
        except BaseException:
            self._down(life)
            await life.end()
            raise
        return life

    async def _settle_in(self, life: _Life) -> None:
        """Gives a helper that has just begun what there is to do, and learns what it has."""
        await life.request("events.listen", {"topics": _LIFECYCLE})
        if not self._source.is_shared and life.description.session is not None:
            await asyncio.wait([self._restored, life.ended], return_when=asyncio.FIRST_COMPLETED)
        self._description = life.description
        self._life = life
        others = [job for job in self._all if job._request is None]
        asked = [(job, self._send(job, life)) for job in self._all if job._request is not None]
        await asyncio.gather(*(self._ask(job, life, *sent) for job, sent in asked))
        if self._is_remembered(life):
            ids = await self._list(life)
            for job in others:
                if job.id not in ids:
                    job._end(_lost("its jobs are gone, too"), "failed")
        if self._life is not life or life.ended.done():
            raise _lost("it ended soon after it had begun")
        _settle(self._up, life)
        self._resubscribe()

    async def _list(self, life: _Life) -> set[int]:
        ids: set[int] = set()
        after: int | None = 0

        def learn(page: Fields) -> None:
            for facts in page.get("jobs", []):
                self._learn(facts)
                ids.add(facts.get("id"))

        while after is not None:
            page = await life.request("job.list", {"after": after, "limit": _JOBS_PER_PAGE}, learn)
            after = page.get("next")
        return ids

    def _down(self, life: _Life) -> None:
        """It is gone, or as good as gone."""
        if self._life is not life and self._life is not None:
            return
        self._life = None
        self._restored = _future()
        if self._up.done():
            self._up = _future()
        self._subscription = self._subscribed = None
        remembered = hasattr(life, "description") and self._is_remembered(life)
        self._by_id.clear()
        self._meeting.clear()
        for job in list(self._all):
            if job._request is not None:
                job._bind(None)
            elif not remembered:
                job._end(_lost("its jobs are gone, too"), "failed")
            elif job.id is not None:
                # Those of others have the same ids if they come back.
                self._by_id[job.id] = [job]

    async def _keep_alive(self, life: _Life) -> None:
        why: HelperError | None = None
        try:
            why = await self._live(life)
        finally:
            self._over = why or _closed()
            for job in list(self._all):
                job._end(self._over, "failed" if why else job.state)
            _fail(self._up, self._over)
            if why:
                _fail(self._stopped, why)
            _settle(self._stopped, None)
            for reader in self._readers:
                reader.close()
            for events in self._event_readers:
                events.close()

    async def _live(self, life: _Life) -> HelperError | None:
        attempts, born = 0, time.monotonic()
        while True:
            error = await asyncio.shield(life.ended)
            self._down(life)
            if error is None or self._is_closing:
                return None
            if time.monotonic() - born >= _STEADY_SECONDS:
                attempts = 0
            while True:
                attempts += 1
                if attempts > self._max_restarts:
                    return error
                wait = min(_FIRST_WAIT_SECONDS * 2 ** (attempts - 1), _LONGEST_WAIT_SECONDS)
                self._emit("client.lost", {"error": {"code": error.code, "message": error.message}})
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), wait)
                if self._is_closing:
                    return None
                beginning = asyncio.ensure_future(self._begin_life())
                closing = asyncio.ensure_future(self._closing.wait())
                await asyncio.wait([beginning, closing], return_when=asyncio.FIRST_COMPLETED)
                closing.cancel()
                if not beginning.done():
                    # It may never be ready.
                    beginning.cancel()
                    await asyncio.wait([beginning])
                    return None
                try:
                    life = beginning.result()
                    break
                except HelperError as thrown:
                    error = thrown
            born = time.monotonic()
            if self._is_closing:
                await life.end()
            else:
                self._emit("client.restarted", {})


def _own_command() -> Sequence[str]:
    named = os.environ.get("BITTORRENT_HELPER")
    if named:
        return shlex.split(named)
    installed = shutil.which("bittorrent-helper")
    return [installed] if installed else [shutil.which("npx") or "npx", "bittorrent-helper"]


def _arguments(options: Mapping[str, object]) -> Iterator[str]:
    for name, value in options.items():
        if value is True:
            yield f"--{name}"
        elif value is not None and value is not False:
            for each in value if isinstance(value, (list, tuple)) else [value]:
                yield from (f"--{name}", os.fspath(each) if isinstance(each, os.PathLike) else str(each))


# --- without asyncio


class Job:
    """A job, for programs without asyncio. See AsyncJob: all of it is here, and waits."""

    def __init__(self, loop: _Loop, job: AsyncJob) -> None:
        self._loop = loop
        self._job = job

    @property
    def id(self) -> int | None:
        return self._job.id

    @property
    def key(self) -> str | None:
        return self._job.key

    @property
    def info(self) -> JobInfo:
        return self._job.info

    @property
    def stats(self) -> Progress:
        return self._job.stats

    @property
    def kind(self) -> str:
        return self._job.kind

    @property
    def file(self) -> str:
        return self._job.file

    @property
    def state(self) -> State:
        return self._job.state

    @property
    def percent(self) -> int | None:
        return self._job.percent

    @property
    def error(self) -> HelperError | None:
        return self._job.error

    @property
    def is_over(self) -> bool:
        return self._job.is_over

    def published(self, timeout: float | None = None) -> JobInfo:
        return self._loop.run(self._job.published(timeout))

    def done(self, timeout: float | None = None) -> JobInfo:
        return self._loop.run(self._job.done(timeout))

    def ended(self, timeout: float | None = None) -> JobInfo:
        return self._loop.run(self._job.ended(timeout))

    def progress(self, every: float = 1.0, until: Until = "done") -> Generator[Progress, None, None]:
        return self._loop.iterate(self._job.progress(every, until))

    def pause(self) -> None:
        self._loop.run(self._job.pause())

    def resume(self) -> None:
        self._loop.run(self._job.resume())

    def move(self, dir: Path) -> None:
        self._loop.run(self._job.move(dir))

    def verify(self) -> None:
        self._loop.run(self._job.verify())

    def announce(self) -> None:
        self._loop.run(self._job.announce())

    def remove(self, data: bool = False) -> None:
        self._loop.run(self._job.remove(data))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and other._job is self._job

    def __hash__(self) -> int:
        return hash(self._job)

    def __repr__(self) -> str:
        return repr(self._job).replace("AsyncJob", "Job", 1)


class Helper:
    """A helper: `with Helper(download_dir="downloads") as helper`. See AsyncHelper for what it takes.

    It may be used from several threads.
    """

    _loop: _Loop
    _helper: AsyncHelper

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            torrent_dir: Path | None = None,
            download_dir: Path | None = None,
            tracker: str | Sequence[str] | None = None,
            no_tracker: bool = False,
            host: str | None = None,
            listen: str | None = None,
            port: int | None = None,
            tracker_port: int | None = None,
            public: bool = False,
            no_dht: bool = False,
            down: int | str | None = None,
            up: int | str | None = None,
            give_up: int | float | None = None,
            session: str | None = None,
            state_dir: Path | None = None,
            max_active: int | None = None,
            move_completed: Path | None = None,
            args: Sequence[str] = (),
            command: Sequence[str] | None = None,
            cwd: Path | None = None,
            env: Mapping[str, str] | None = None,
            max_restarts: int = 5,
            on_diagnostic: Callable[[str], None] | None = None,
        ) -> None: ...

    else:

        def __init__(self, **options: Any) -> None:
            self._loop = _Loop()
            self._helper = AsyncHelper(**options)

    @classmethod
    def connect(cls, socket_path: Path, max_restarts: int = 0) -> Helper:
        """A helper that runs already, over the socket that `--socket` told it to open. Closing it leaves it at work."""
        helper = cls.__new__(cls)
        helper._loop = _Loop()
        helper._helper = AsyncHelper.connect(socket_path, max_restarts)
        return helper

    def start(self) -> Helper:
        self._loop.begin()
        try:
            self._loop.run(self._helper.start())
        except BaseException:
            self._loop.end()
            raise
        return self

    def close(self) -> None:
        """Stops the helper gracefully, if it was begun here; else lets go of it."""
        if self._loop.is_running:
            try:
                self._loop.run(self._helper.close())
            finally:
                self._loop.end()

    def __enter__(self) -> Helper:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def description(self) -> Description:
        return self._helper.description

    @property
    def jobs(self) -> list[Job]:
        return [Job(self._loop, job) for job in self._loop.call(lambda: self._helper.jobs)]

    def job(self, id: int) -> Job | None:
        return self._maybe(self._helper.job(id))

    def job_by_key(self, key: str) -> Job | None:
        return self._maybe(self._helper.job_by_key(key))

    def seed(self, path: Path, key: str | None = None) -> Job:
        return Job(self._loop, self._loop.call(lambda: self._helper.seed(path, key)))

    def download(
        self,
        source: Path | bytes,
        key: str | None = None,
        dir: Path | None = None,
        paused: bool = False,
    ) -> Job:
        return Job(self._loop, self._loop.call(lambda: self._helper.download(source, key, dir, paused)))

    def events(self) -> Generator[Event, None, None]:
        return self._loop.iterate(self._loop.call(self._helper.events))

    def progress(self, every: float = 1.0) -> Generator[list[Progress], None, None]:
        return self._loop.iterate(self._helper.progress(every))

    def stats(self) -> Stats:
        return self._loop.run(self._helper.stats())

    def request(self, method: str, **params: Any) -> Any:
        return self._loop.run(self._helper.request(method, **params))

    def describe(self) -> Description:
        return self._loop.run(self._helper.describe())

    def stopped(self) -> None:
        self._loop.run(self._helper.stopped())

    def _maybe(self, job: AsyncJob | None) -> Job | None:
        return Job(self._loop, job) if job else None


class _Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        return self._loop is not None

    def begin(self) -> None:
        if self._loop is not None:
            raise RuntimeError("it is started already")
        loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=loop.run_forever, name="bittorrent-helper", daemon=True)
        self._thread.start()
        self._loop = loop

    def end(self) -> None:
        loop, thread, self._loop = self._loop, self._thread, None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def run(self, task: Coroutine[Any, Any, T]) -> T:
        """Waits for it. What interrupts that, such as Ctrl-C, cancels it, too."""
        if self._loop is None:
            task.close()
            raise ClosedError("the helper is not started, or closed: use `with`, or start()")
        future = asyncio.run_coroutine_threadsafe(task, self._loop)
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise _closed() from None
        except BaseException:
            future.cancel()
            raise

    def call(self, function: Callable[[], T]) -> T:
        async def run() -> T:
            return function()

        return self.run(run())

    def iterate(self, items: AsyncGenerator[T, None]) -> Generator[T, None, None]:
        try:
            while True:
                try:
                    yield self.run(_next(items))
                except StopAsyncIteration:
                    return
        finally:
            if self._loop is not None:
                self.run(_close(items))


async def _next(items: AsyncGenerator[T, None]) -> T:
    return await items.__anext__()


async def _close(items: AsyncGenerator[T, None]) -> None:
    await items.aclose()


async def _cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
