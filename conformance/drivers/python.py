#!/usr/bin/env python3
"""Has the Python client of this package do what a program would: README.md of this folder."""

import asyncio
import dataclasses
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../clients/python"))

from bittorrent_helper import AsyncHelper, HelperError  # noqa: E402

COMMAND = json.loads(os.environ.get("CONFORMANCE_HELPER", "[]"))


def say(message):
    print(json.dumps(message), flush=True)


def plain(value):
    """What is said of a job, with names as in the dialect."""
    if not dataclasses.is_dataclass(value):
        return value
    fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return {camel(name): each for name, each in fields.items() if isinstance(each, (str, int, type(None)))}


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


class Driver:
    def __init__(self):
        self.jobs = {}

    async def open(self, **options):
        self.helper = await AsyncHelper(command=COMMAND, **options).start()

    async def publish(self, path, key):
        self.jobs[key] = self.helper.seed(path, key=key)

    async def fetch(self, source, key):
        self.jobs[key] = self.helper.download(source, key=key)

    async def published(self, key):
        return await self.jobs[key].published()

    async def done(self, key):
        return await self.jobs[key].done()

    async def progress(self, key):
        self.following = asyncio.ensure_future(self.follow(key))

    async def follow(self, key):
        async for numbers in self.jobs[key].progress(every=0.1):
            say({"saw": "progress", **plain(numbers), "key": key})

    async def call(self, method, params):
        return await self.helper.request(method, **params)

    async def close(self):
        await self.helper.close()

    async def carry_out(self, id, do, params):
        try:
            say({"id": id, "ok": plain(await getattr(self, do)(**params)) or {}})
        except HelperError as error:
            say({"id": id, "error": {"code": error.code, "message": str(error)}})


async def main():
    driver = Driver()
    tasks = []
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        task = json.loads(line)
        tasks.append(asyncio.ensure_future(driver.carry_out(task["id"], task["do"], task.get("params", {}))))
        # It is begun before the next one.
        await asyncio.sleep(0)


asyncio.run(main())
