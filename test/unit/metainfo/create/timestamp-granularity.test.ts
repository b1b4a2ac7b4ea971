import { describe, expect, it } from 'vitest';
import type { ScannedContent } from '../../../../src/metainfo/create/content/scan-content.js';
import { waitForTimestampGranularity } from '../../../../src/metainfo/create/timestamp-granularity.js';

const never = new AbortController().signal;
const nowMs = 1_700_000_000_000;
/** What a fine clock shows, and a coarse one does not. */
const oddNs = 123_457n;

/** Content whose files were changed so many ms before now. */
function changed(...agesNs: readonly bigint[]): ScannedContent {
  const files = agesNs.map((ageNs) => ({
    path: [],
    diskPath: '/data',
    lengthBytes: 1,
    identity: { device: 1n, inode: 1n, sizeBytes: 1n, modifiedNs: 1n },
    changedNs: BigInt(nowMs) * 1_000_000n - ageNs,
  }));
  return { name: 'data', isFolder: false, root: '/data', files };
}

/** A clock that stands still until it is waited for. */
function isDistinct(content: ScannedContent, signal = never): Promise<boolean> {
  const startMs = performance.now();
  return waitForTimestampGranularity(
    content,
    signal,
    () => nowMs + Math.floor(performance.now() - startMs),
  );
}

const ms = (count: number) => BigInt(count) * 1_000_000n;

describe('content that is about to be read', () => {
  it('may be cached when it was not changed lately', async () => {
    expect(await isDistinct(changed(ms(60_000) + oddNs, ms(100_000)))).toBe(true);
  });

  it('may be cached after a moment where the clock of its disk is fine', async () => {
    expect(await isDistinct(changed(ms(60_000), oddNs))).toBe(true);
  });

  it('may not be cached in time where that clock is coarse', async () => {
    expect(await isDistinct(changed(ms(60_000) + oddNs, ms(1000)))).toBe(false);
    expect(await isDistinct(changed(ms(2500)))).toBe(true);
  });

  it('may not be cached with timestamps from the future, or with none', async () => {
    expect(await isDistinct(changed(-ms(500) + oddNs))).toBe(false);
    expect(await isDistinct(changed(BigInt(nowMs) * 1_000_000n))).toBe(false);
  });

  it('is not waited for when nobody wants it any more', async () => {
    const reason = new Error('enough');
    await expect(isDistinct(changed(oddNs), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
