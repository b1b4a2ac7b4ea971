"""One libtorrent session with one torrent, for the interoperability stories.

Takes its orders as JSON in its only argument: torrent (path or magnet link), folder, address, encryption.
Writes one line an event to stdout; runs until it is ended.
"""
import json
import sys

import libtorrent as lt

orders = json.loads(sys.argv[1])

alone = {
    "listen_interfaces": orders["address"] + ":0",
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "allow_multiple_connections_per_ip": True,
    "alert_mask": lt.alert.category_t.status_notification
    | lt.alert.category_t.error_notification
    | lt.alert.category_t.tracker_notification
    | lt.alert.category_t.connect_notification
    | lt.alert.category_t.peer_notification,
}


def tcp_only(policy, level):
    return {
        "enable_incoming_utp": False,
        "enable_outgoing_utp": False,
        "in_enc_policy": policy,
        "out_enc_policy": policy,
        "allowed_enc_level": level,
    }


# As it comes, it tries uTP too, and encryption first or plaintext, whatever the other side takes.
encryptions = {
    "as it comes": {},
    "plaintext": tcp_only(lt.enc_policy.pe_disabled, lt.enc_level.pe_plaintext),
    "encrypted only": tcp_only(lt.enc_policy.pe_forced, lt.enc_level.pe_rc4),
}

session = lt.session({**alone, **encryptions[orders["encryption"]]})

torrent = orders["torrent"]
if torrent.startswith("magnet:"):
    params = lt.parse_magnet_uri(torrent)
else:
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(torrent)
params.save_path = orders["folder"]
session.add_torrent(params)

while True:
    session.wait_for_alert(1000)
    for alert in session.pop_alerts():
        if isinstance(alert, lt.state_changed_alert):
            print("state", alert.state, flush=True)
        elif isinstance(alert, lt.torrent_finished_alert):
            print("finished", flush=True)
        else:
            print("alert", alert.what(), alert.message(), flush=True)
