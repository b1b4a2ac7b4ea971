"""One libtorrent session that downloads torrents when it is told to: what the helper is compared with.

Argument: JSON with torrents (paths), folder, encryption. Says `ready` when it listens; begins at the line `go`; says `done` when it has all of
them; ends when its stdin does.
"""
import json
import sys
import time

import libtorrent as lt

from libtorrent_session import eager_params, open_measured_session

orders = json.loads(sys.argv[1])
session = open_measured_session(orders["encryption"])
while session.listen_port() == 0:
    time.sleep(0.01)
print("ready", flush=True)
if sys.stdin.readline() != "go\n":
    sys.exit(0)

for torrent in orders["torrents"]:
    session.async_add_torrent(eager_params(torrent, orders["folder"]))

finished = 0
while finished < len(orders["torrents"]):
    session.wait_for_alert(1000)
    for alert in session.pop_alerts():
        if isinstance(alert, lt.torrent_finished_alert):
            finished += 1
        elif isinstance(alert, (lt.torrent_error_alert, lt.file_error_alert)):
            sys.exit(alert.message())
print("done", flush=True)
sys.stdin.read()
