// What a client sends to our own tracker over TCP: raw requests to the server on a real socket. After each, an honest
// announce must still be answered.

import { announceOverHttp } from '../../../src/engine/trackers/announce/http-announce.js';
import { createAnnounceAgent } from '../../../src/engine/trackers/announce-agent.js';
import { startTracker } from '../../../src/tracker/start-tracker.js';
import { dial, sayAndHangUp } from '../engine/say-and-hang-up.js';
import { mutateScript, packScript, unpackScript } from '../mutate/script.js';
import type { OpenTarget, Target } from '../target.js';
import { checkAnswer } from './http-tracker-answers.js';
import { announceRequest } from './udp-tracker-answers.js';

const hash = '%ff%00%80%7f%20%2b%26%25%c3%a9%e2%98%9a%ff%d8%fe%00%01%02%03';
const announce = `/announce?info_hash=${hash}&peer_id=-XX0000-0123456789ab&port=6881&left=1`;
const get = (path: string, ...headers: string[]) =>
  [`GET ${path} HTTP/1.1`, 'Host: tracker', ...headers, '', ''].join('\r\n');

const tokens = [
  ...['&compact=1', '&compact=2', '&numwant=99999', '&event=started', '&event=stopped', '&ip=::1'],
  ...['&event=completed', '&socket=x', '&type=udp', '&action=0', '&httpReq=1', '&key=1', '&left=0'],
  ...['&info_hash=', hash, '%', '%zz', '&__proto__=x', '&port=80.5', '&port[]=1', '&no_peer_id=1'],
  ...['/scrape?', '/stats', '\r\n', 'Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n'],
  ...[
    'Expect: 100-continue\r\n',
    'Upgrade: websocket\r\nConnection: Upgrade\r\n',
    'POST',
    'X-Forwarded-For: 1.2.3.4\r\n',
  ],
];

export const trackerHttpRequests: Target = {
  name: 'tracker-http-requests',
  about: 'raw requests to our tracker over TCP',
  samples: () =>
    [
      [get(`${announce}&compact=1&event=started`)],
      [get(`${announce}&compact=0&numwant=5&ip=127.0.0.2&key=ab`), get(`${announce}&left=0`)],
      [get(`/scrape?info_hash=${hash}&info_hash=${hash}`), get('/scrape')],
      [get('/announce'), get('/stats?mode=json'), get('/')],
      [
        `POST ${announce} HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
      ],
      [get(announce, 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: AAAA')],
      [get(announce, 'Expect: 100-continue', 'X-Forwarded-For: 10.0.0.1')],
    ].map((requests) =>
      packScript({
        mode: 0,
        parts: requests.map((request) => ({ flags: 0, bytes: Buffer.from(request, 'latin1') })),
      }),
    ),
  mutate: mutateScript(tokens, [0], [0]),
  open: openTracker,
};

async function openTracker(): Promise<OpenTarget> {
  const tracker = await startTracker({
    host: '127.0.0.1',
    listen: '127.0.0.1',
    port: { asked: 0 },
    admit: 'registered',
  });
  tracker.register(announceRequest.infoHash);
  const agent = createAnnounceAgent();
  return {
    async run(input) {
      const { parts } = unpackScript(input);
      await sayAndHangUp(
        dial(tracker.port),
        parts.map(({ bytes }) => bytes),
      );
      checkAnswer(await announceOverHttp(tracker.announceUrl, announceRequest, { agent }));
    },
    async close() {
      await agent.close();
      await tracker.close();
    },
  };
}
