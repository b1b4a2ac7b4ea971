// Which addresses the host of a URL has: itself, where it is one, else what the system's resolver says. Who asks soon after
// another for the same name shares the answer: a thousand torrents of one tracker come all at once.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** As it stands in a URL, an IPv6 address in brackets. In the order in which they are to be tried, never none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

interface Answer {
  readonly atMs: number;
  readonly addresses: Promise<readonly string[]>;
}

const lastsMs = 5_000;
const mostAnswers = 500;

export function createResolver(ask: ResolveHost = askSystem): ResolveHost {
  const answers = new Map<string, Answer>();
  return async (host) => {
    const name = withoutBrackets(host);
    if (isIP(name) !== 0) return [name];
    const nowMs = performance.now();
    const known = answers.get(name);
    if (known !== undefined && nowMs - known.atMs < lastsMs) return known.addresses;
    const addresses = ask(name);
    answers.delete(name);
    answers.set(name, { atMs: nowMs, addresses });
    const [oldest] = answers.keys();
    if (answers.size > mostAnswers && oldest !== undefined) answers.delete(oldest);
    // A name that could not be looked up is looked up again.
    addresses.catch(() => {
      if (answers.get(name)?.addresses === addresses) answers.delete(name);
    });
    return addresses;
  };
}

/** For all of the process. */
export const resolveHost: ResolveHost = createResolver();

async function askSystem(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
