// The addresses of one host, tried with a clock of the test's own. Real ones: test/faults/one-family.test.ts.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAddressRace, type Heat } from '../../../src/net/race-addresses.js';

const v4 = '192.0.2.1';
const otherV4 = '192.0.2.2';
const v6 = '2001:db8::1';
const otherV6 = '2001:db8::2';

/** What an address does with an attempt: answers after so many milliseconds, fails with a code after 10, or is silent. */
type Conduct = number | 'silent' | (string & {});

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function scene(conduct: Readonly<Record<string, Conduct>>) {
  const race = createAddressRace();
  const beganAtMs = performance.now();
  const said: string[] = [];
  const say = (what: string) => said.push(`${Math.round(performance.now() - beganAtMs)} ${what}`);
  const attempt = (address: string, { lost, won }: Heat) =>
    new Promise<string>((resolve, reject) => {
      say(address);
      lost.addEventListener('abort', () => say(`${address} lost`));
      const does = conduct[address] ?? 'silent';
      const isCode = typeof does === 'string';
      if (does === 'silent') return;
      const failure = Object.assign(new Error(`${does} at ${address}`), { code: does });
      setTimeout(
        () => {
          if (isCode) reject(failure);
          else if (won()) resolve(address);
          else say(`${address} too late`);
        },
        isCode ? 10 : does,
      );
    });
  const run = async (addresses: readonly string[], signal?: AbortSignal) => {
    const outcome = race('host:80', addresses, attempt, signal).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(60_000);
    return outcome;
  };
  return { run, said };
}

describe('a host of many addresses', () => {
  it('is tried at the next, of the other family, a quarter of a second later', async () => {
    const { run, said } = scene({ [v4]: 100 });
    expect(await run([v6, otherV6, v4])).toBe(v4);
    expect(said).toEqual([`0 ${v6}`, `250 ${v4}`, `350 ${v6} lost`]);
  });

  it('is tried at the next at once where one fails', async () => {
    const { run, said } = scene({ [v6]: 'ECONNREFUSED', [v4]: 5 });
    expect(await run([v6, v4])).toBe(v4);
    expect(said).toEqual([`0 ${v6}`, `10 ${v4}`]);
  });

  it('is taken at the first that answers, though another was tried after it', async () => {
    const { run, said } = scene({ [v6]: 300, [v4]: 100 });
    expect(await run([v6, v4])).toBe(v6);
    expect(said).toEqual([`0 ${v6}`, `250 ${v4}`, `300 ${v4} lost`, `350 ${v4} too late`]);
  });

  it('is tried at no other where the first answers', async () => {
    const { run, said } = scene({ [v6]: 200 });
    expect(await run([v6, v4])).toBe(v6);
    expect(said).toEqual([`0 ${v6}`]);
  });

  it('is tried first where it answered last', async () => {
    const { run, said } = scene({ [v4]: 1, [otherV4]: 1 });
    await run([v6, v4, otherV4]);
    expect(await run([v6, otherV4, v4])).toBe(v4);
    expect(said.map((line) => line.split(' ')[1])).toEqual([v6, v4, v6, v4]);
    expect(said.at(-1)).toBe(`60000 ${v4}`);
  });

  it('is tried at eight of a thousand, each once', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    const { run, said } = scene(
      Object.fromEntries([v4, ...many].map((address) => [address, 'ECONNREFUSED'])),
    );
    await run([v4, v4, ...many]);
    expect(said.map((line) => line.split(' ')[1])).toEqual([v4, ...many.slice(0, 7)]);
  });
});

describe('a host that none of whose addresses answers', () => {
  it('fails with what the last said', async () => {
    const { run } = scene({ [v6]: 'ETIMEDOUT', [v4]: 'ECONNREFUSED' });
    expect(await run([v6, v4])).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('fails with what one said of it, rather than with what this machine cannot do', async () => {
    const { run } = scene({ [v4]: 'ECONNREFUSED', [v6]: 'ENETUNREACH' });
    expect(await run([v4, v6])).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('fails with what it throws at once, without trying', async () => {
    const race = createAddressRace();
    const refuse = () => {
      throw new Error('not there');
    };
    await expect(race('host:80', [v4, v6], refuse)).rejects.toThrow('not there');
    await expect(race('host:80', [], refuse)).rejects.toThrow('no address');
  });

  it('is given up with the signal, and all that is under way with it', async () => {
    const { run, said } = scene({});
    const given = new AbortController();
    setTimeout(() => given.abort(new Error('enough')), 300);
    expect(await run([v6, v4, otherV4], given.signal)).toMatchObject({ message: 'enough' });
    expect(said).toEqual([`0 ${v6}`, `250 ${v4}`, `300 ${v6} lost`, `300 ${v4} lost`]);
  });
});
