import { describe, expect, it } from 'vitest';
import type { Reach } from '../../../../../machines/types.js';
import { TrackerPermits } from '../../../../../src/engine/trackers/announce/tracker-permits.js';
import { announceLimits } from '../../../../../src/limits.js';

const global: Reach = { kind: 'network', address: '203.0.113.5' };
const document: Reach = { kind: 'document' };

const permits = (reach: Reach, trusted: readonly string[] = []) =>
  new TrackerPermits({ reach, trusted });

/** What speaks against asking it there; undefined: nothing. */
function refusal(all: TrackerPermits, url: string, address: string): string | undefined {
  try {
    all.of(url).check(new URL(url), address);
    return undefined;
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'TRACKER_FORBIDDEN' });
    return thrown instanceof Error ? thrown.message : undefined;
  }
}

describe('a tracker', () => {
  it('is refused in one sentence that says where it is, who named it, and what to do, without its passkey', () => {
    const url = 'http://me:secret@tracker.example:8080/passkey/announce';
    expect(refusal(permits(global), url, '10.0.0.1')).toBe(
      'tracker http://tracker.example:8080 is at 10.0.0.1, nearer to this machine than the server that the torrent came from (203.0.113.5); if it is meant, name it with --tracker, or save the .torrent and give it as torrent:PATH',
    );
    expect(refusal(permits(document), 'http://127.0.0.1/x', '127.0.0.1')).toMatch(
      /on this machine \(127\.0\.0\.1\).*ends in \/announce.*--tracker/,
    );
    expect(refusal(permits(document), 'udp://cloud.example:80', '169.254.169.254')).toMatch(
      /at 169\.254\.169\.254, where nothing is ever sent/,
    );
  });

  it('may be anywhere if the user named it, even where the torrent names it too', () => {
    const url = 'http://127.0.0.1:6969/x';
    expect(refusal(permits(global, [url]), url, '127.0.0.1')).toBeUndefined();
    expect(refusal(permits(global, [url]), 'http://127.0.0.1:6969/y', '127.0.0.1')).toBeDefined();
    expect(refusal(permits({ kind: 'user' }), url, '127.0.0.1')).toBeUndefined();
  });

  it('that redirects leads no nearer than it is itself, whoever named it', () => {
    const url = 'http://tracker.example/announce';
    for (const all of [permits(document), permits({ kind: 'user' }), permits(global, [url])]) {
      const led = (from: string | undefined, address: string) => () =>
        all.of(url).redirectedBy(from).check(new URL('http://other/announce'), address);
      expect(led('203.0.113.5', '203.0.113.6')).not.toThrow();
      expect(led('10.0.0.1', '10.0.0.2')).not.toThrow();
      expect(led('127.0.0.1', '127.0.0.1')).not.toThrow();
      expect(led('203.0.113.5', '10.0.0.1')).toThrow('the tracker that redirected (203.0.113.5)');
      expect(led('10.0.0.1', '127.0.0.1')).toThrow('the tracker that redirected (10.0.0.1)');
      expect(led(undefined, '127.0.0.1')).toThrow('the tracker that redirected;');
    }
  });
});

describe('of trackers at one address', () => {
  const most = announceLimits.trackersPerAddress;
  const named = (count: number, of = 'victim.example') =>
    Array.from({ length: count }, (_, index) => `http://${index}.${of}:${index + 1}/announce`);
  const asked = (all: TrackerPermits, urls: readonly string[], address: string) =>
    urls.filter((url) => refusal(all, url, address) === undefined);

  it('the first few are asked, however often, and no others', () => {
    const all = permits(document);
    const urls = named(100);
    expect(asked(all, urls, '203.0.113.1')).toEqual(urls.slice(0, most));
    expect(asked(all, urls, '203.0.113.1')).toEqual(urls.slice(0, most));
    expect(asked(all, urls, '203.0.113.2')).toEqual(urls.slice(0, most));
  });

  it('all of a /64 are at one', () => {
    const urls = named(100);
    const all = permits(document);
    const victims = urls.filter(
      (url, nth) => refusal(all, url, `2001:db8:1:2::${(nth + 1).toString(16)}`) === undefined,
    );
    expect(victims).toHaveLength(most);
    expect(asked(all, urls, '2001:db8:1:3::1')).toHaveLength(most);
  });

  it('those that redirect there count too', () => {
    const all = permits(document);
    const led = named(100).filter((url) => {
      const permit = all.of(url).redirectedBy('203.0.113.7');
      try {
        permit.check(new URL('http://victim.example/'), '203.0.113.1');
        return true;
      } catch {
        return false;
      }
    });
    expect(led).toHaveLength(most);
  });

  it('those that the user named are all asked, and so are those on this machine', () => {
    const urls = named(100);
    expect(asked(permits(document, urls), urls, '203.0.113.1')).toHaveLength(100);
    expect(asked(permits(document), urls, '127.0.0.1')).toHaveLength(100);
  });
});
