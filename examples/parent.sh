#!/usr/bin/env bash
# A parent in shell: downloads a torrent, and says how it goes. It needs jq, and ends as the helper does.
#
#     bash parent.sh SOURCE [FOLDER]
#
# SOURCE is a magnet link, an info hash, or the URL or path of a .torrent file.
set -euo pipefail

say='
  if .error then "refused: \(.error.message)"
  elif .method == "job.known" then .params | "\(.name): \(.lengthBytes) bytes"
  elif .method == "job.progress" and .params.percent then .params |
    "\(.percent) %, \(.downBytesPerSecond / 1024 | floor) KiB/s, \(.peers) peers, \(.etaSeconds // "?") s left"
  elif .method == "job.done" then "done: \(.params.contentPath)"
  elif .params.error then .params.error | "\(.code): \(.message)"
  else empty end'

jq -cn --arg source "${1:?the source of a torrent is missing}" '{jsonrpc: "2.0", id: 1, method: "job.fetch", params: {source: $source}}' |
  ${BITTORRENT_HELPER:-bittorrent-helper} --json --quiet --download-dir "${2:-.}" |
  jq -r --unbuffered "$say"
