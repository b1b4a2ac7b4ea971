// The rooms of the house and who may import whom. Held against every import by test/unit/house/rooms.test.ts, and drawn
// and listed in ARCHITECTURE.md by `npm run docs`.
//
// A room is a folder; a folder within it is another room. From the top of the house down: a room imports from rooms that
// stand further down, never from one above, and so there is no circle.

/**
 * @typedef {object} Room
 * @property {string} room the folder, or a file that is a floor of its own
 * @property {readonly string[]} [imports] rooms; `x/*` is x and every room within it
 * @property {readonly string[]} [types] rooms that are known as types alone
 * @property {readonly string[]} [libraries] packages
 * @property {readonly string[]} [typesOf] packages that are known as types alone
 * @property {true} [isPure] neither Node nor what is common to the rest
 * @property {string} [because] why it has more than `mostFiles`
 */

/** Files that are not of the room they lie in: everybody stands on them, or is kept apart by them. */
export const floors = [
  'src/index.ts',
  'src/errors.ts',
  'src/limits.ts',
  'machines/types.ts',
  'src/engine/engine.ts',
  'src/engine/torrent-context.ts',
  'src/storage/storage.ts',
];

/** What everybody may stand on: the errors, small tools, and as types the machines' vocabulary. */
export const common = {
  imports: ['src/errors.ts', 'src/limits.ts', 'src/async', 'src/files', 'src/net'],
  types: ['machines/types.ts'],
};

/** So many files a reader takes in at a glance. */
export const mostFiles = 8;

/** @type {readonly Room[]} */
export const rooms = [
  { room: 'bin', imports: ['src/cli', 'src/cli/processes', 'src/code-cache'] },
  {
    room: 'src/cli',
    imports: [
      ...['src/helper', 'src/options', 'src/protocol', 'src/stdio', 'src/code-cache'],
      ...['src/cli/outputs', 'src/client'],
      // A tracker alone, `bittorrent-helper tracker`; and the thread, which is started before anything else is read.
      ...['src/tracker', 'src/engine-thread/host'],
      ...['commands', 'conventions', 'arguments', 'processes'].map((name) => `src/cli/${name}`),
      'src/dialect/socket',
      'src/tracker-protocol',
      'src/inspection/server',
      'src/inspection/recording',
      'src/inspection/stately',
    ],
    types: ['machines', 'src/dialect'],
    typesOf: ['xstate'],
  },
  {
    room: 'src/cli/outputs',
    imports: ['src/dialect', 'src/protocol', 'src/stdio', 'src/terminal', 'src/cli/processes'],
    types: ['src/helper', 'src/helper/events', 'src/client'],
  },
  { room: 'src/cli/processes', types: ['src/cli/arguments'] },
  {
    // Those that end by themselves: they stand on the parts, as no helper runs.
    room: 'src/cli/commands',
    imports: [
      ...['src/metainfo-thread', 'src/metainfo/*', 'src/sources'],
      ...['src/engine-thread/host', 'src/code-cache', 'src/options', 'src/protocol'],
      'src/tracker-protocol',
    ],
    types: ['src/engine/engine.ts', 'src/cli/arguments'],
  },
  { room: 'src/cli/conventions', imports: ['src/cli/arguments'] },
  {
    room: 'src/cli/arguments',
    imports: ['src/protocol', 'src/tracker-protocol'],
    types: ['src/options'],
  },
  { room: 'src/dialect/socket', imports: ['src/dialect', 'src/dialect/wire', 'src/stdio'] },
  {
    room: 'src/dialect',
    imports: [
      ...['src/dialect/methods', 'src/dialect/jobs', 'src/dialect/checks', 'src/dialect/wire'],
      'src/helper/events',
    ],
    // The library's public face, and no more of it.
    types: ['src/dialect/schema', 'src/helper'],
  },
  {
    room: 'src/dialect/methods',
    imports: ['src/dialect/jobs', 'src/dialect/wire'],
    types: ['src/dialect/schema', 'src/helper', 'src/helper/jobs', 'src/helper/stats'],
  },
  {
    room: 'src/dialect/jobs',
    imports: ['src/dialect/wire'],
    types: ['src/dialect/schema', 'src/helper', 'src/helper/jobs', 'src/helper/events'],
  },
  {
    room: 'src/dialect/wire',
    imports: ['src/protocol', 'src/helper/events'],
    types: ['src/dialect/schema', 'src/helper/jobs', 'src/helper/stats'],
  },
  {
    room: 'src/index.ts',
    imports: ['src/helper', 'src/protocol'],
    types: [
      'machines',
      'src/options',
      ...['events', 'jobs', 'stats'].map((name) => `src/helper/${name}`),
    ],
  },
  {
    room: 'src/client',
    imports: [
      ...['src/client/lives', 'src/client/jobs', 'src/client/wire'],
      ...['src/helper/events', 'src/options'],
    ],
    types: ['src/helper/stats'],
  },
  {
    room: 'src/client/lives',
    imports: ['src/client/wire', 'src/options'],
  },
  {
    room: 'src/client/jobs',
    imports: ['src/client/wire', 'src/helper/events', 'src/options'],
    types: ['src/helper/stats'],
  },
  {
    room: 'src/client/wire',
    types: ['src/helper/events', 'src/helper/stats'],
  },
  {
    room: 'src/terminal',
    imports: ['src/terminal/frame', 'src/protocol'],
    types: ['src/helper/events', 'src/helper/stats'],
    libraries: ['log-update'],
  },
  { room: 'src/terminal/frame', libraries: ['string-width', 'slice-ansi'] },
  // The inspector: what is seen of actors, told to a page, or written down.
  {
    room: 'src/inspection/stately',
    libraries: ['@statelyai/inspect'],
    typesOf: ['xstate'],
  },
  { room: 'src/inspection', imports: ['src/inspection/server', 'src/options'] },
  {
    room: 'src/inspection/server',
    imports: ['src/inspection/observe', 'src/inspection/recording', 'src/inspection/swarms'],
    types: ['src/inspection/told', 'src/helper'],
    typesOf: ['xstate'],
  },
  {
    room: 'src/inspection/swarms',
    imports: ['src/inspection/observe'],
    types: ['src/helper', 'src/inspection/told'],
  },
  {
    room: 'src/inspection/recording',
    imports: ['src/inspection/told', 'src/stdio'],
    types: ['src/inspection/observe'],
  },
  {
    room: 'src/inspection/observe',
    imports: ['src/inspection/charts', 'src/inspection/told'],
    typesOf: ['xstate'],
  },
  {
    room: 'src/inspection/page',
    imports: ['frame', 'store', 'tree', 'chart', 'details', 'swarm', 'time'].map(
      (pane) => `src/inspection/page/${pane}`,
    ),
    types: ['src/inspection/charts', 'src/inspection/told'],
    libraries: ['preact'],
    isPure: true,
  },
  {
    room: 'src/inspection/page/frame',
    imports: ['src/inspection/page/store'],
    types: ['src/inspection/told'],
    libraries: ['preact'],
    isPure: true,
  },
  {
    room: 'src/inspection/page/tree',
    imports: ['src/inspection/page/store'],
    types: ['src/inspection/told'],
    libraries: ['preact'],
    isPure: true,
  },
  {
    room: 'src/inspection/page/chart',
    imports: [
      ...['src/inspection/page/chart/drawing', 'src/inspection/page/chart/view'],
      ...['src/inspection/charts', 'src/inspection/page/store'],
    ],
    types: ['src/inspection/told'],
    libraries: ['preact'],
    isPure: true,
  },
  {
    room: 'src/inspection/page/chart/drawing',
    types: ['src/inspection/charts'],
    libraries: ['preact'],
    isPure: true,
  },
  {
    room: 'src/inspection/page/chart/view',
    types: ['src/inspection/charts'],
    libraries: ['preact'],
    isPure: true,
  },
  {
    room: 'src/inspection/page/details',
    imports: [
      'src/inspection/charts',
      ...['path-test', 'steps', 'store'].map((room) => `src/inspection/page/${room}`),
    ],
    types: ['src/inspection/told'],
    libraries: ['preact'],
    isPure: true,
  },
  {
    room: 'src/inspection/page/swarm',
    imports: ['src/inspection/page/swarm/tables', 'src/inspection/page/store'],
    types: ['src/inspection/told'],
    libraries: ['preact'],
    isPure: true,
  },
  {
    room: 'src/inspection/page/swarm/tables',
    types: ['src/inspection/told'],
    libraries: ['preact'],
    isPure: true,
  },
  {
    room: 'src/inspection/page/time',
    imports: ['time/sequence', 'steps', 'store'].map((room) => `src/inspection/page/${room}`),
    libraries: ['preact'],
    isPure: true,
  },
  {
    room: 'src/inspection/page/time/sequence',
    imports: ['src/inspection/page/steps', 'src/inspection/page/store'],
    types: ['src/inspection/told'],
    isPure: true,
  },
  {
    room: 'src/inspection/page/path-test',
    imports: ['src/inspection/page/store'],
    types: ['src/inspection/told'],
    isPure: true,
  },
  {
    room: 'src/inspection/page/steps',
    types: ['src/inspection/page/store', 'src/inspection/told'],
    libraries: ['preact'],
    isPure: true,
  },
  {
    room: 'src/inspection/page/store',
    imports: ['src/inspection/told', 'src/limits.ts'],
    libraries: ['preact'],
    isPure: true,
  },
  {
    room: 'src/inspection/charts',
    types: ['src/inspection/told'],
    typesOf: ['xstate'],
    isPure: true,
  },
  { room: 'src/inspection/told', isPure: true },
  {
    room: 'src/helper',
    imports: [
      ...['events', 'jobs', 'stats'].map((name) => `src/helper/${name}`),
      ...['machines', 'src/actors', 'src/actors/jobs'],
      ...['src/engine-thread/host', 'src/session', 'src/tracker'],
      ...['src/tracker-protocol', 'src/options', 'src/protocol', 'src/code-cache'],
      'src/memory',
      // The threads that make metainfo are the helper's own, to be ended with it.
      'src/metainfo-thread',
    ],
    types: ['src/engine/engine.ts', 'src/metainfo'],
    libraries: ['xstate'],
  },
  {
    room: 'src/helper/events',
    types: ['src/helper/jobs', 'machines'],
    typesOf: ['xstate'],
  },
  {
    room: 'src/helper/jobs',
    imports: ['src/options', 'src/metainfo', 'src/storage/layout'],
    types: ['src/helper/stats'],
  },
  { room: 'src/helper/stats' },
  {
    room: 'src/actors',
    because: 'one file for each actor that the machines name, and what they are given',
    imports: ['src/storage/*', 'src/sources', 'src/memory', 'src/metainfo/*'],
    types: ['machines', 'src/engine/engine.ts', 'src/options', 'src/metainfo-thread'],
    libraries: ['xstate'],
  },
  { room: 'src/actors/jobs', types: ['machines'], libraries: ['xstate'] },
  {
    room: 'src/sources',
    imports: ['src/memory', 'src/http', 'src/metainfo'],
    types: ['src/engine/engine.ts', 'src/options'],
  },
  {
    room: 'src/session',
    imports: ['src/memory', 'src/metainfo/*'],
  },
  { room: 'src/metainfo-thread', imports: ['src/storage/watch', 'src/metainfo/*'] },
  { room: 'src/stdio', imports: ['src/protocol'] },
  {
    room: 'src/tracker',
    imports: [
      ...['swarms', 'senders', 'plain'].map((name) => `src/tracker/${name}`),
      ...['src/tracker-protocol', 'src/metainfo'],
    ],
  },
  { room: 'src/tracker/plain' },
  { room: 'src/tracker/swarms', imports: ['src/tracker/swarms/records', 'src/tracker/senders'] },
  { room: 'src/tracker/swarms/records', imports: ['src/tracker/senders'] },
  { room: 'src/tracker/senders' },
  {
    room: 'src/engine-thread/host',
    imports: [
      ...['machines', 'src/engine-thread', 'src/engine-thread/requests'],
      // What runs the engine in its thread.
      'src/code-cache',
    ],
    types: ['src/engine/engine.ts'],
    libraries: ['xstate'],
  },
  { room: 'src/code-cache', imports: ['src/options'] },
  { room: 'src/dialect/checks', types: ['src/dialect/schema'] },
  {
    room: 'src/dialect/schema',
    because: 'one file for each thing that messages are made of',
    libraries: ['typebox'],
  },
  { room: 'src/options', imports: ['src/protocol'], typesOf: ['xstate'] },
  { room: 'src/protocol', isPure: true },
  {
    room: 'machines',
    because: 'the six machines, and what the torrent’s is too large to hold by itself',
    types: ['src/errors.ts'],
    libraries: ['xstate'],
    isPure: true,
  },
  {
    room: 'src/engine-thread/worker',
    imports: ['src/engine', 'src/engine-thread', 'src/engine/torrent-context.ts', 'src/metainfo'],
    types: ['src/engine/engine.ts', 'src/tracker-protocol'],
  },
  {
    room: 'src/engine-thread/requests',
    imports: ['src/engine-thread', 'src/memory', 'src/metainfo', 'src/engine/measuring'],
    types: ['src/engine/engine.ts'],
  },
  {
    room: 'src/engine-thread',
    types: ['src/engine/engine.ts', 'src/metainfo', 'src/tracker-protocol'],
  },

  // The engine's wing.
  {
    room: 'src/engine',
    imports: [
      ...['src/engine/awake', 'src/engine/trackers/*', 'src/engine/dialling/*'],
      ...['src/engine/metadata', 'src/engine/peers', 'src/engine/data-path/*'],
      ...[
        'src/engine/measuring/*',
        'src/engine/webtorrent',
        'src/storage/*',
        'src/engine/torrent-context.ts',
      ],
    ],
    types: ['src/engine/engine.ts', 'src/metainfo'],
    typesOf: ['bittorrent-protocol'],
  },
  {
    room: 'src/engine/measuring/detail',
    imports: ['src/engine/measuring', 'src/engine/dialling/known-peers'],
    types: ['src/engine/data-path'],
  },
  { room: 'src/engine/measuring' },
  {
    room: 'src/engine/awake',
    imports: [
      ...['src/engine/dialling', 'src/engine/metadata', 'src/engine/peers'],
      ...['src/engine/data-path/*', 'src/engine/webtorrent', 'src/engine/torrent-context.ts'],
    ],
    types: ['src/engine/dialling/known-peers', 'src/metainfo'],
    typesOf: ['webtorrent', 'bittorrent-protocol'],
  },
  {
    room: 'src/engine/trackers',
    imports: [
      ...['src/engine/trackers/schedule', 'src/engine/trackers/announce/*'],
      ...['src/http', 'src/http/plain', 'src/tracker-protocol', 'src/metainfo'],
      'src/engine/torrent-context.ts',
    ],
  },
  { room: 'src/engine/trackers/schedule', types: ['src/engine/trackers/announce'] },
  {
    room: 'src/engine/trackers/announce/udp',
    imports: ['src/engine/trackers/announce', 'src/tracker-protocol', 'src/metainfo'],
  },
  {
    room: 'src/engine/trackers/announce',
    imports: ['src/tracker-protocol', 'src/http', 'src/metainfo'],
    types: ['src/http/plain'],
  },
  {
    room: 'src/engine/dialling',
    imports: [
      ...[
        'src/engine/dialling/known-peers',
        'src/engine/peers',
        'src/engine/data-path/wire',
        'src/engine/webtorrent',
      ],
      'src/engine/torrent-context.ts',
    ],
    libraries: ['webtorrent'],
  },
  { room: 'src/engine/dialling/known-peers' },
  {
    room: 'src/engine/metadata',
    imports: ['src/engine/data-path/wire', 'src/metainfo'],
    types: ['src/engine/data-path/budgets'],
    typesOf: ['bittorrent-protocol'],
  },
  {
    room: 'src/engine/peers',
    imports: [
      ...['src/engine/peers/incoming', 'src/engine/data-path/wire', 'src/engine/webtorrent'],
    ],
    libraries: ['webtorrent'],
    typesOf: ['bittorrent-dht', 'bittorrent-protocol'],
  },
  { room: 'src/engine/peers/incoming' },
  {
    room: 'src/engine/data-path',
    imports: [
      ...[
        'budgets',
        'download',
        'pieces',
        'places',
        'rate-limit',
        'requests',
        'upload',
        'upload/read-cache',
      ].map((name) => `src/engine/data-path/${name}`),
      ...['src/engine/data-path/verify', 'src/engine/data-path/wire', 'src/engine/webtorrent'],
      'src/storage/layout',
    ],
    types: ['src/metainfo', 'src/storage/storage.ts'],
    typesOf: ['bittorrent-protocol'],
  },
  {
    room: 'src/engine/data-path/requests',
    imports: [
      ...['src/engine/data-path/pieces', 'src/engine/data-path/wire', 'src/engine/webtorrent'],
    ],
    types: ['src/engine/data-path/download', 'src/engine/data-path/rate-limit'],
  },
  {
    room: 'src/engine/data-path/download',
    imports: [
      ...['src/engine/data-path/pieces', 'src/engine/torrent-context.ts'],
      ...['src/storage/layout', 'src/metainfo'],
    ],
    types: ['src/engine/data-path/places', 'src/storage/storage.ts'],
  },
  {
    room: 'src/engine/data-path/places',
    imports: ['src/engine/data-path/pieces', 'src/metainfo'],
    types: ['src/engine/data-path/verify', 'src/storage/storage.ts'],
  },
  {
    room: 'src/engine/data-path/upload',
    imports: [
      ...['src/engine/data-path/upload/read-cache', 'src/engine/data-path/pieces'],
      ...['src/engine/data-path/wire', 'src/storage/layout'],
    ],
    types: ['src/engine/data-path/rate-limit', 'src/metainfo'],
  },
  {
    room: 'src/engine/data-path/upload/read-cache',
    imports: ['src/engine/data-path/pieces', 'src/engine/torrent-context.ts'],
  },
  {
    room: 'src/engine/data-path/verify',
    imports: ['src/engine/torrent-context.ts', 'src/metainfo'],
    types: ['src/engine/data-path/pieces'],
  },
  { room: 'src/engine/data-path/pieces', imports: ['src/storage/layout'] },
  { room: 'src/engine/data-path/rate-limit' },
  {
    room: 'src/engine/data-path/wire',
    imports: ['src/engine/webtorrent', 'src/engine/torrent-context.ts'],
    types: ['src/engine/data-path/budgets'],
    typesOf: ['bittorrent-protocol', 'webtorrent'],
  },
  { room: 'src/engine/data-path/budgets' },
  {
    room: 'src/engine/webtorrent',
    because: 'one file for each part of the libraries that is touched, with the reason at its head',
    imports: ['src/metainfo'],
    types: ['src/engine/engine.ts'],
    libraries: ['webtorrent', 'bittorrent-dht'],
    typesOf: ['bittorrent-protocol'],
  },
  { room: 'src/engine/engine.ts', types: ['src/metainfo', 'src/tracker-protocol'] },
  { room: 'src/engine/torrent-context.ts' },

  // What knows nothing of an engine.
  {
    room: 'src/storage/relocate',
    imports: [
      ...['src/storage', 'src/storage/links', 'src/storage/folders', 'src/storage/disk'],
      'src/storage/layout',
    ],
    types: ['src/metainfo'],
  },
  {
    room: 'src/storage',
    imports: ['content', 'links', 'watch', 'resume', 'check', 'folders', 'disk', 'layout'].map(
      (name) => `src/storage/${name}`,
    ),
    types: ['src/storage/storage.ts', 'src/metainfo'],
  },
  {
    room: 'src/storage/resume',
    imports: ['src/storage/disk', 'src/storage/layout'],
    types: ['src/storage/check', 'src/storage/storage.ts', 'src/metainfo'],
  },
  {
    room: 'src/storage/content',
    imports: [
      ...['src/storage/batches', 'src/storage/links', 'src/storage/folders'],
      ...['src/storage/disk', 'src/storage/layout'],
    ],
    types: ['src/storage/watch', 'src/storage/storage.ts', 'src/metainfo'],
  },
  {
    room: 'src/storage/links',
    imports: ['src/storage/folders', 'src/storage/disk', 'src/storage/layout'],
    types: ['src/metainfo'],
  },
  {
    room: 'src/storage/watch',
    imports: ['src/storage/check', 'src/storage/disk', 'src/storage/layout'],
    types: ['src/storage/storage.ts', 'src/metainfo'],
  },
  {
    room: 'src/storage/check',
    imports: ['src/storage/batches', 'src/storage/disk', 'src/storage/layout'],
    types: ['src/storage/storage.ts', 'src/metainfo'],
  },
  {
    room: 'src/storage/batches',
    imports: ['src/storage/folders', 'src/storage/disk', 'src/storage/layout'],
    types: ['src/metainfo'],
  },
  { room: 'src/storage/storage.ts', types: ['src/storage/disk', 'src/metainfo'] },
  {
    room: 'src/storage/layout',
    imports: ['src/storage/disk'],
    types: ['src/storage/folders', 'src/metainfo'],
  },
  { room: 'src/storage/folders', imports: ['src/storage/disk'] },
  { room: 'src/storage/disk', imports: ['src/files/thread'] },
  {
    room: 'src/http',
    because: 'one file for each interceptor of a request, and what they stand on',
    libraries: ['undici'],
  },
  { room: 'src/http/plain' },
  { room: 'src/tracker-protocol' },
  { room: 'src/memory', types: ['src/metainfo', 'src/metainfo/parse'] },
  {
    room: 'src/metainfo/create',
    imports: [
      ...['threads', 'content'].map((name) => `src/metainfo/create/${name}`),
      ...['src/metainfo', 'src/metainfo/parse'],
    ],
  },
  {
    room: 'src/metainfo/create/threads',
    imports: ['src/metainfo/create/content', 'src/metainfo'],
  },
  {
    room: 'src/metainfo/create/content',
    imports: ['src/metainfo', 'src/metainfo/names'],
  },
  { room: 'src/metainfo/parse', imports: ['src/metainfo', 'src/metainfo/names'] },
  { room: 'src/metainfo/names', imports: ['src/metainfo'] },
  { room: 'src/metainfo', because: 'what a torrent is, and the words it is written in: bencode' },
  { room: 'src/files', imports: ['src/files/thread'] },
  { room: 'src/files/thread' },
  { room: 'src/async', because: 'one file for each tool, and no tool knows another' },
  { room: 'src/net' },
  { room: 'machines/types.ts', types: ['src/errors.ts'], isPure: true },
  { room: 'src/errors.ts' },
  { room: 'src/limits.ts' },
];
