"""Makes a torrent with libtorrent, for the interoperability stories.

Arguments: version (v1, hybrid or v2), content (a file or folder), announce URL, path of the .torrent file.
"""
import os
import sys

import libtorrent as lt

version, content, announce, torrent_file = sys.argv[1:]
flags = {
    "v1": lt.create_torrent.v1_only,
    "hybrid": 0,
    "v2": lt.create_torrent.v2_only,
}[version]

files = lt.file_storage()
lt.add_files(files, content)
torrent = lt.create_torrent(files, 0, flags)
torrent.add_tracker(announce)
lt.set_piece_hashes(torrent, os.path.dirname(content))
with open(torrent_file, "wb") as output:
    output.write(lt.bencode(torrent.generate()))
