// Who speaks the JSON dialect, as tests need it: asks, is answered and told, whatever the lines go over.
import { expect, onTestFinished } from 'vitest';
import type { errorCodes } from '../../../src/errors.js';
import { before } from '../waiting.js';
import { schemaFlaw } from './schema-flaws.js';

const patienceMs = 15_000;

/** Any message, as it came. */
export interface Message {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: Told;
  readonly result?: Told;
  readonly error?: Fault;
}

/** What was told, by name: whatever a test looks at. */
// biome-ignore lint/suspicious/noExplicitAny: what a message holds is what the test is about
export type Told = Readonly<Record<string, any>>;

interface Fault {
  readonly code: number;
  readonly message: string;
  readonly data?: Told;
}

/** The answer to a request that could not be done. */
export class RequestFailed extends Error {
  constructor(readonly fault: Fault) {
    super(`${fault.code} ${fault.data?.code ?? ''}: ${fault.message}`);
  }
}

export class DialectClient {
  readonly messages: Message[] = [];
  readonly #write: (line: string) => void;
  readonly #listeners = new Set<() => void>();
  readonly #methods = new Map<number, string>();
  #lastId = 0;

  /** Whatever comes is held against the schema, in the end. */
  constructor(write: (line: string) => void) {
    this.#write = write;
    onTestFinished(() => {
      const flaws = this.messages.flatMap(
        (message) => schemaFlaw(message, this.#methods.get(Number(message.id))) ?? [],
      );
      expect(flaws).toEqual([]);
    });
  }

  /** Takes a line that came. */
  take(line: string): void {
    this.messages.push(JSON.parse(line));
    for (const listener of this.#listeners) listener();
  }

  /** Writes a line as it stands. */
  write(...lines: readonly string[]): void {
    for (const line of lines) this.#write(`${line}\n`);
  }

  /** Asks without waiting; its id. */
  ask(method: string, params?: object): number {
    this.#lastId += 1;
    this.#methods.set(this.#lastId, method);
    this.write(JSON.stringify({ jsonrpc: '2.0', id: this.#lastId, method, params }));
    return this.#lastId;
  }

  /** The result; rejects with RequestFailed. */
  request(method: string, params?: object): Promise<Told> {
    return this.answer(this.ask(method, params));
  }

  async answer(id: number): Promise<Told> {
    const { result, error } = await this.#find((message) => message.id === id, `answer to ${id}`);
    if (error) throw new RequestFailed(error);
    return result ?? {};
  }

  /** Why a request fails. */
  async fault(method: string, params?: object): Promise<Fault> {
    const failed = await this.request(method, params).then(
      (result) => expect.unreachable(`${method} answers ${JSON.stringify(result)}`),
      (error: unknown) => error,
    );
    if (failed instanceof RequestFailed) return failed.fault;
    throw failed;
  }

  /** What the first such notification says, from number `from` (0 …) of all messages on. */
  async told(method: string, wanted: Told = {}, from = 0): Promise<Told> {
    const isWanted = ({ params = {} }: Message) =>
      Object.entries(wanted).every(([name, value]) => params[name] === value);
    const what = `${method} ${JSON.stringify(wanted)}`;
    const { params } = await this.#find(
      (message) => message.method === method && isWanted(message),
      what,
      from,
    );
    return params ?? {};
  }

  /** The names of what was told so far, of that job if it is given. */
  topics(id?: number): readonly string[] {
    return this.messages
      .filter(({ params }) => id === undefined || params?.id === id)
      .flatMap(({ method = [] }) => method);
  }

  /** All that was told so far under that name. */
  all(method: string): readonly Told[] {
    return this.messages.filter((each) => each.method === method).map(({ params = {} }) => params);
  }

  #find(isWanted: (message: Message) => boolean, what: string, from = 0): Promise<Message> {
    let next = from;
    const found = new Promise<Message>((resolve) => {
      const look = () => {
        const message = this.messages.slice(next).find(isWanted);
        next = Math.max(next, this.messages.length);
        if (!message) return;
        this.#listeners.delete(look);
        resolve(message);
      };
      this.#listeners.add(look);
      look();
    });
    const shown = () =>
      this.messages.map((message) => `  ${JSON.stringify(message).slice(0, 300)}`).join('\n');
    return before(patienceMs, found, () => `no ${what}\n${shown()}`);
  }
}

/** A failure as it is told: its code is one of the list, and it says what to do. */
export function aFailure(code: keyof typeof errorCodes): object {
  return expect.objectContaining({
    code,
    retryable: expect.any(Boolean),
    help: expect.stringMatching(/\.$/),
  });
}
