// One bencode for all: whichever library imports or requires the package `bencode`, in whichever of its versions, gets
// src/metainfo/bencode-package.ts. So nothing that strangers send is decoded by anything but our own decoder.
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
export const bencodePackage = join(root, 'src/metainfo/bencode-package.ts');

/**
 * The libraries that import the package, or that import one that does. What they require instead (k-rpc-socket) is seen
 * to by test/support/engine/one-bencode.ts.
 */
export const librariesWithBencode = [
  'bittorrent-dht',
  'bittorrent-protocol',
  'bittorrent-tracker',
  'create-torrent',
  'parse-torrent',
  'torrent-discovery',
  'ut_metadata',
  'ut_pex',
  'webtorrent',
];

/**
 * For bundles.
 * @returns {import('esbuild').Plugin}
 */
export function oneBencode() {
  return {
    name: 'one-bencode',
    setup(build) {
      build.onResolve({ filter: /^bencode(?:\/|$)/ }, () => ({ path: bencodePackage }));
    },
  };
}

/**
 * For tests of the sources. The libraries are taken into Vite's hands for it: what Node loads by itself has no aliases.
 * @returns {import('vite').Plugin}
 */
export function oneBencodeInTests() {
  const names = librariesWithBencode.join('|');
  return {
    name: 'one-bencode',
    config: () => ({
      resolve: { alias: [{ find: /^bencode$/, replacement: bencodePackage }] },
      test: {
        server: { deps: { inline: [new RegExp(`/node_modules/(?:${names})/`)] } },
        setupFiles: [join(root, 'test/support/engine/one-bencode.ts')],
      },
    }),
  };
}
