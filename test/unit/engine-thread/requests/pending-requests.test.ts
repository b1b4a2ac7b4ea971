import { describe, expect, it } from 'vitest';
import type { EngineCommand } from '../../../../src/engine-thread/messages.js';
import {
  createPendingRequests,
  mostToldATurn,
  piecesToHold,
} from '../../../../src/engine-thread/requests/pending-requests.js';
import { HelperError } from '../../../../src/errors.js';
import { torrentLimits } from '../../../../src/limits.js';
import { Metainfo, type MetainfoFile } from '../../../../src/metainfo/metainfo.js';
import { countTurns } from '../../../support/turns.js';

function metainfo({ pieces, paths }: { pieces: number; paths: readonly (readonly string[])[] }) {
  const files: MetainfoFile[] = paths.map((path, index) => ({
    path,
    lengthBytes: 1,
    offsetBytes: index,
  }));
  return new Metainfo({
    ...{ infoHash: 'a'.repeat(40), name: 'x', isFolder: true, lengthBytes: 3, files },
    ...{ pieceLengthBytes: 16_384, pieceHashes: new Uint8Array(20 * pieces), isPrivate: true },
    ...{ announce: [], info: new Uint8Array(3) },
  });
}

describe('what a torrent costs', () => {
  it('is its pieces, or the pieces that its files are worth', () => {
    const perFile = torrentLimits.livePieces / torrentLimits.liveFiles;
    expect(piecesToHold(metainfo({ pieces: 1_000, paths: [['a'], ['b']] }))).toBe(1_000);
    expect(piecesToHold(metainfo({ pieces: 1, paths: [['a'], ['b']] }))).toBe(2 * perFile);
    const deep = Array.from({ length: 32 }, () => 'd');
    expect(piecesToHold(metainfo({ pieces: 1, paths: [deep, ['b']] }))).toBe(4 * perFile);
  });
});

describe('what a swarm is asked for', () => {
  const request = {
    metainfo: metainfo({ pieces: 1, paths: [['a']] }),
    contentPath: '/x',
    role: 'download',
    trackers: [],
  } as const;
  const verifiedOf = (command: EngineCommand) =>
    command.type === 'join' ? command.request.verify : command;

  it('goes to the engine that it is in, and to no other', () => {
    const requests = createPendingRequests(1_000_000);
    const posted: EngineCommand[] = [];
    const swarm = requests.join(request, () => {});
    swarm.verify();
    requests.resume((command) => void posted.push(command));
    swarm.verify();
    swarm.announce();
    requests.detach(Promise.resolve());
    swarm.verify();
    swarm.announce();
    requests.resume((command) => void posted.push(command));
    expect(posted.map(({ type }) => type)).toEqual(['join', 'verify', 'announce', 'join']);
  });

  it('is to read all that lies there, until that is done', () => {
    const requests = createPendingRequests(1_000_000);
    const posted: EngineCommand[] = [];
    requests.join({ ...request, verify: true }, () => {});
    const resume = () => requests.resume((command) => void posted.push(command));
    resume();
    requests.detach(Promise.resolve());
    resume();
    const event = { type: 'swarm.checked', verifiedBytes: 3, wasRead: true } as const;
    requests.onReport({ type: 'told', id: 1, event });
    requests.detach(Promise.resolve());
    resume();
    expect(posted.map(verifiedOf)).toEqual([true, true, false]);
  });
});

describe('what is measured', () => {
  it('is asked for at once, and of each engine anew before anything is joined', () => {
    const requests = createPendingRequests(1_000_000);
    const posted: unknown[] = [];
    const [one, other] = ['a'.repeat(40), 'b'.repeat(40)];
    requests.watch(one, 500);
    requests.resume((command) => void posted.push(command));
    requests.watch(other, 100);
    requests.watch(one, 200, true);
    requests.watch(other, undefined);
    const watch = (infoHash: string, everyMs: number | undefined, isDetailed?: boolean) => {
      return { type: 'watch', infoHash, everyMs, isDetailed };
    };
    const closely = watch(one, 200, true);
    const asked = [watch(one, 500), watch(other, 100), closely, watch(other, undefined)];
    expect(posted).toEqual(asked);
    const of = metainfo({ pieces: 1, paths: [['a']] });
    const request = { metainfo: of, contentPath: '/x', role: 'seed', trackers: [] } as const;
    requests.join(request, () => {});
    requests.detach(Promise.resolve());
    posted.length = 0;
    requests.resume((command) => void posted.push(command));
    expect(posted).toMatchObject([closely, { type: 'join' }]);
  });

  it('counts on in the same memory when a torrent is joined again', () => {
    const requests = createPendingRequests(1_000_000);
    const totals: unknown[] = [];
    requests.resume((command) => {
      if (command.type === 'join') totals.push(command.request.totals);
    });
    const of = metainfo({ pieces: 1, paths: [['a']] });
    const request = { metainfo: of, contentPath: '/x', role: 'seed', trackers: [] } as const;
    void requests.join(request, () => {}).leave();
    requests.join(request, () => {});
    requests.join({ ...request, metainfo: new Metainfo({ ...of }) }, () => {});
    expect(totals).toHaveLength(3);
    expect(totals[0]).toBeInstanceOf(Float64Array);
    expect(totals[1]).toBe(totals[0]);
    expect(totals[2]).not.toBe(totals[0]);
  });
});

describe('an engine that ends with many torrents', () => {
  it('is told of to some at a time, and asked for all again', async () => {
    const turns = countTurns();
    const requests = createPendingRequests(1_000_000);
    const posted: string[] = [];
    const post = ({ type }: { readonly type: string }) => void posted.push(type);
    requests.resume(post);
    const toldInTurn: number[] = [];
    const count = 3 * mostToldATurn;
    for (let nth = 0; nth < count; nth++) {
      const request = { contentPath: `/x/${nth}`, role: 'seed' as const, trackers: [] };
      const of = metainfo({ pieces: 1, paths: [['a']] });
      requests.join({ ...request, metainfo: of }, ({ type }) => {
        if (type === 'swarm.interrupted') toldInTurn.push(turns.current());
      });
    }
    await turns.until(() => posted.length === count);
    requests.detach(Promise.resolve());
    const error = new HelperError('INTERNAL', 'it stopped');
    await requests.interrupt({ error, infoHash: undefined, isOutOfMemory: false });
    expect(toldInTurn).toHaveLength(count);
    const most = Math.max(...toldInTurn.map((turn) => toldInTurn.filter((x) => x === turn).length));
    expect(most).toBeLessThanOrEqual(mostToldATurn);
    posted.length = 0;
    requests.resume(post);
    await turns.until(() => posted.length === count);
  });
});
