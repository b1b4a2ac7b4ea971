// What the BitTorrent libraries import and this helper never runs: an esbuild plugin that puts something empty in its
// place. It makes the bundle half as large and the start twice as quick. All of it is switched off by the options
// that src/engine/webtorrent/open-client.ts gives to webtorrent and src/cli/inspector.ts to the inspector, so nothing
// can reach it.
import { join } from 'node:path';

const leftOut = new Map([
  ['@silentbot1/nat-api', 'UPnP and NAT-PMP: never without being asked'],
  ['load-ip-set', 'blocklists'],
  ['create-torrent', 'making torrents: src/metainfo does it'],
  ['cross-fetch-ponyfill', 'web seeds, and http trackers: src/engine/trackers does those'],
  ['bittorrent-lsd', 'local service discovery'],
  ['bittorrent-tracker', "the tracker's client: src/engine/trackers does it"],
  ['@thaunknown/simple-peer/lite.js', 'WebRTC'],
  ['utp-native', 'uTP: a native part'],
  ['fs-chunk-store', 'src/engine/disk takes its place'],
  ['fsa-chunk-store', 'browsers'],
  ['memory-chunk-store', 'browsers'],
  ['./lib/server.js', "webtorrent's own web server"],
  ['supports-color', 'debugging in colour'],
  ['cli-cursor', 'hiding the cursor: src/terminal/screen.ts leaves it alone'],
  ['isomorphic-ws', "the inspector's own relay: src/cli/inspector.ts takes its place"],
  ['partysocket', 'the same'],
  ['superjson', 'the same'],
]);

/** HTTP/2 is not asked for, and what is bundled for it loads Node's own: 7 ms. Bodies are not sent: `fetch` packs them. */
const undiciParts = /^\.\/client-h2\.js$|^\.\.\/web\/fetch\/body\.js$/;

/** Of undici, only its connections. */
const undici = join(import.meta.dirname, 'undici-connections.mjs');

/** @returns {import('esbuild').Plugin} */
export function leaveOut() {
  return {
    name: 'leave-out',
    setup(build) {
      const names = [...leftOut.keys()].map((name) => name.replaceAll(/[/.]/g, '\\$&')).join('|');
      build.onResolve({ filter: new RegExp(`^(?:${names})$`) }, ({ path }) => ({
        path,
        namespace: 'left-out',
      }));
      build.onResolve({ filter: undiciParts }, ({ path }) => ({ path, namespace: 'left-out' }));
      build.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({
        contents: 'module.exports = {};',
        loader: 'js',
      }));
      build.onResolve({ filter: /^undici$/ }, () => ({ path: undici }));
    },
  };
}
