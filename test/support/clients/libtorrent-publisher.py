"""Makes a torrent of each file that it is told of, and seeds them all in one libtorrent session, which announces to nobody.

Argument: the folder for the .torrent files. Paths come on stdin, one a line, and then an empty line; says `ready` before, and `seeding` when all are seeded; ends
when its stdin does.
"""
import os
import sys

import libtorrent as lt

from libtorrent_session import eager_params, open_measured_session

session = open_measured_session("as it comes")
print("ready", flush=True)
handles = []
for nth, line in enumerate(iter(sys.stdin.readline, "\n")):
    path = line.rstrip("\n")
    files = lt.file_storage()
    lt.add_files(files, path)
    torrent = lt.create_torrent(files, 0, lt.create_torrent.v1_only)
    lt.set_piece_hashes(torrent, os.path.dirname(path))
    torrent_file = os.path.join(sys.argv[1], f"{nth}.torrent")
    with open(torrent_file, "wb") as output:
        output.write(lt.bencode(torrent.generate()))
    params = eager_params(torrent_file, os.path.dirname(path))
    params.flags |= lt.torrent_flags.seed_mode
    handles.append(session.add_torrent(params))

for handle in handles:
    while handle.status().state != lt.torrent_status.seeding:
        session.wait_for_alert(100)
        session.pop_alerts()
print("seeding", flush=True)
sys.stdin.read()
