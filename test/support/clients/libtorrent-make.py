"""Makes a torrent with libtorrent, for the interoperability stories.

Arguments: version (v1, hybrid, v2, or links: v1 with symbolic links as they are), content (a file or folder), announce URL, path of the .torrent file.
"""
import os
import sys

import libtorrent as lt

version, content, announce, torrent_file = sys.argv[1:]
flags = {
    "v1": lt.create_torrent.v1_only,
    "hybrid": 0,
    "v2": lt.create_torrent.v2_only,
    "links": lt.create_torrent.v1_only | lt.create_torrent.symlinks,
}[version]

files = lt.file_storage()
lt.add_files(files, content, flags=flags)
torrent = lt.create_torrent(files, 0, flags)
torrent.add_tracker(announce)
lt.set_piece_hashes(torrent, os.path.dirname(content))
with open(torrent_file, "wb") as output:
    output.write(lt.bencode(torrent.generate()))
