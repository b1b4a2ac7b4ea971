"""As many libtorrent sessions as asked for, each on a port of its own, that all seed the same torrents.

Argument: JSON with torrents (paths), folder, count, encryption, whether it serves all at once, and what each may send a second, if
there is a limit. Writes its ports as one line of JSON when all of them seed; ends when its stdin does. It believes that the content is good: reading it fifty times would tell nothing.
"""
import json
import sys

import libtorrent as lt

from libtorrent_session import eager_params, limit_upload, open_measured_session

orders = json.loads(sys.argv[1])
# Without a limit nobody waits for a turn. Fifty sessions in one process need no ten disk threads each.
all_at_once = {"unchoke_slots_limit": -1, "aio_threads": 2}
serving = all_at_once if orders["servesAllAtOnce"] else {}
sessions = [open_measured_session(orders["encryption"], serving) for _ in range(orders["count"])]
handles = []
for session in sessions:
    if "uploadBytesPerSecond" in orders:
        limit_upload(session, orders["uploadBytesPerSecond"])
    for torrent in orders["torrents"]:
        params = eager_params(torrent, orders["folder"])
        pieces = params.ti.num_pieces()
        params.have_pieces = [True] * pieces
        params.verified_pieces = [True] * pieces
        handles.append((session, session.add_torrent(params)))

for session, handle in handles:
    while handle.status().state != lt.torrent_status.seeding:
        session.wait_for_alert(100)
        for alert in session.pop_alerts():
            if isinstance(alert, (lt.torrent_error_alert, lt.file_error_alert)):
                sys.exit(alert.message())
print(json.dumps([session.listen_port() for session in sessions]), flush=True)
sys.stdin.read()
