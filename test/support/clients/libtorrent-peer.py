"""One libtorrent session with one torrent, for the interoperability stories.

Takes its orders as JSON in its only argument: torrent (path or magnet link), folder, address, encryption.
Writes one line an event to stdout; runs until it is ended.
"""
import json
import sys

import libtorrent as lt

from libtorrent_session import open_session, torrent_params

orders = json.loads(sys.argv[1])
alerts = (
    lt.alert.category_t.tracker_notification
    | lt.alert.category_t.connect_notification
    | lt.alert.category_t.peer_notification
)
session = open_session(orders["encryption"], orders["address"], alerts)
session.add_torrent(torrent_params(orders["torrent"], orders["folder"]))

while True:
    session.wait_for_alert(1000)
    for alert in session.pop_alerts():
        if isinstance(alert, lt.state_changed_alert):
            print("state", alert.state, flush=True)
        elif isinstance(alert, lt.torrent_finished_alert):
            print("finished", flush=True)
        else:
            print("alert", alert.what(), alert.message(), flush=True)
