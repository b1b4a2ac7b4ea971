// The body of what an HTTP tracker answers (src/engine/trackers/announce/http-answer.ts).

import type { AnnounceAnswer } from '../../../src/engine/trackers/announce/announce-request.js';
import { readHttpAnswer } from '../../../src/engine/trackers/announce/http-answer.js';
import { HelperError } from '../../../src/errors.js';
import { parsePeerAddress } from '../../../src/net/peer-address.js';
import { mutateBencode } from '../mutate/mutate-bencode.js';
import { check, pure, type Target } from '../target.js';

const tokens = [
  ...['interval', 'min interval', 'peers', 'peers6', 'ip', 'port', 'peer id', 'failure reason'],
  ...[
    'warning message',
    'complete',
    'incomplete',
    '127.0.0.1',
    '::1',
    '::ffff:1.2.3.4',
    'fe80::1%1',
  ],
  ...['\x7f\0\0\x01\x1a\xe1', '0'.repeat(16), 'host.example', '010.0.0.1'],
];

export const httpTrackerAnswers: Target = {
  name: 'http-tracker-answers',
  about: 'bodies of the answers of HTTP trackers',
  samples: () =>
    [
      'd8:intervali60e5:peers12:\x7f\0\0\x01\x1a\xe1\x7f\0\0\x02\x1a\xe1e',
      `d8:completei1e10:incompletei2e8:intervali1800e12:min intervali60e6:peers618:${'\0'.repeat(15)}\x01\x1a\xe15:peers0:e\r\n`,
      'd8:intervali60e5:peersld2:ip9:127.0.0.17:peer id20:-XX0000-0123456789ab4:porti6881eed2:ip3:::14:porti1eeee',
      'd14:failure reason9:not todaye',
    ].map((text) => Buffer.from(text, 'latin1')),
  mutate: mutateBencode(tokens),
  open: pure((bytes) => {
    try {
      checkAnswer(readHttpAnswer('http://127.0.0.1:1/announce', bytes));
    } catch (thrown) {
      checkTrackerError(thrown);
    }
  }),
};

export function checkAnswer({ intervalMs, minIntervalMs = 0, peers }: AnnounceAnswer): void {
  check(intervalMs >= 30_000 && intervalMs <= 3_600_000, () => `an interval of ${intervalMs} ms`);
  check(minIntervalMs >= 0 && minIntervalMs <= 3_600_000, () => 'a wrong least interval');
  check(peers.length <= 20_000, () => 'too many peers are taken');
  for (const peer of peers) {
    check(parsePeerAddress(peer)?.text === peer, () => `'${peer}' is taken for a peer`);
  }
  check(new Set(peers).size === peers.length, () => 'a peer comes twice');
}

/** Throws what is no TRACKER_UNREACHABLE in one line. */
export function checkTrackerError(thrown: unknown): void {
  if (!(thrown instanceof HelperError) || thrown.code !== 'TRACKER_UNREACHABLE') throw thrown;
  check(!/[\n\r\u2028\u2029\0]/.test(thrown.message), () => 'a message is not one line');
}
