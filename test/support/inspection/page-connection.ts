// The inspector's page as far as its connections go: asks as a browser would, and reads server-sent events.
import { get, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { onTestFinished } from 'vitest';
import type { PageMessage } from '../../../src/inspection/told/page-messages.js';
import { before } from '../waiting.js';

const patienceMs = 15_000;

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** The headers are sent as they are given. */
export async function ask(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Answer> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { headers, method, agent: false }, resolve).on('error', reject).end();
  });
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  return { status: answer.statusCode, headers: answer.headers, text };
}

export interface OpenPage {
  readonly response: IncomingMessage;
  /** All that it was told so far. */
  readonly told: readonly PageMessage[];
  /** The events that have a name, as they came. */
  readonly named: readonly string[];
  /** Waits for the first message that `isWanted`. */
  until(isWanted: (message: PageMessage) => boolean): Promise<PageMessage>;
  /** Resolves when the other side has ended it. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Opens one of the streams. `isReading`: it takes what it is told from the beginning. */
export async function openPage(url: string, isReading = true): Promise<OpenPage> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false }, resolve).on('error', reject);
  });
  onTestFinished(() => void response.destroy());
  const told: PageMessage[] = [];
  const named: string[] = [];
  const listeners = new Set<() => void>();
  const ended = new Promise<void>((resolve) => {
    // Cut off is ended, too.
    response.on('error', () => {}).once('close', () => resolve());
  });
  let rest = '';
  const hear = (text: string) => {
    const events = `${rest}${text}`.split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      if (event.startsWith('data: ')) told.push(JSON.parse(event.slice(6)));
      else named.push(event);
    }
    for (const listener of listeners) listener();
  };
  response.setEncoding('utf8');
  if (isReading) response.on('data', hear);
  return {
    response,
    told,
    named,
    ended,
    until(isWanted) {
      if (response.listenerCount('data') === 0) response.on('data', hear);
      const found = new Promise<PageMessage>((resolve, reject) => {
        const look = () => {
          const message = told.find(isWanted);
          if (message !== undefined) resolve(message);
        };
        listeners.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended after ${told.length} messages`)));
      });
      return before(patienceMs, found, () => `not among ${told.length} messages`);
    },
    close: () => void response.destroy(),
  };
}

/** The records of all that was told. */
export function recordsTold(told: readonly PageMessage[]) {
  return told.flatMap((message) => (message.type === 'records' ? message.records : []));
}
