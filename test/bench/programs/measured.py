"""Runs a command, and tells what it and its children used: the rusage of wait4, which is complete only after their end.

Arguments: the command. Standard streams are the command's own. On descriptor 3 it writes two lines of JSON: the process id
at the start, the exit code, the seconds it took, the CPU seconds and the highest memory at the end.
"""
import json
import os
import subprocess
import sys
import time

told = os.fdopen(3, "w")


def tell(what):
    told.write(json.dumps(what) + "\n")
    told.flush()


started_at = time.monotonic()
child = subprocess.Popen(sys.argv[1:])
tell({"pid": child.pid})
_, status, usage = os.wait4(child.pid, 0)
wall_seconds = time.monotonic() - started_at
tell(
    {
        "exitCode": os.waitstatus_to_exitcode(status),
        "wallSeconds": wall_seconds,
        "userSeconds": usage.ru_utime,
        "systemSeconds": usage.ru_stime,
        "peakBytes": usage.ru_maxrss * 1024,
    }
)
