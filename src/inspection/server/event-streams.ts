// Answers that go on, as server-sent events. So many at once, a newer one in the place of the oldest; what is written waits until it is
// taken, and whoever takes nothing for long is cut off: so pages cost bounded memory, whatever they do.
import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { withTimeout } from '../../async/with-timeout.js';
import { inspectorLimits } from '../../limits.js';

/** What a page hears when it is told no more, and why: whole server-sent events. */
export type LastWords = (reason: string) => string;

export function serverSentEvent(json: string): string {
  return `data: ${json}\n\n`;
}

export class EventStream {
  readonly #response: ServerResponse;
  readonly #lastWords: LastWords;
  readonly #over = new AbortController();
  /** Resolves when nothing of it is open any more. */
  readonly closed: Promise<void>;

  constructor(response: ServerResponse, lastWords: LastWords) {
    this.#response = response;
    this.#lastWords = lastWords;
    // One that waits behind another on its connection never has the socket, and so hears nothing of its end.
    const { socket } = response.req;
    this.closed = new Promise((resolve) => {
      const over = () => {
        socket.off('close', over);
        this.#over.abort();
        resolve();
      };
      response.once('close', over);
      socket.once('close', over);
    });
    // Of what is written when it has been cut off already.
    response.on('error', () => {});
  }

  /** Aborts when nobody listens any more. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Resolves when it may be written on, or is over. */
  async write(json: string): Promise<void> {
    if (this.signal.aborted || this.#response.write(serverSentEvent(json))) return;
    const patience = setTimeout(() => this.cutOff(), inspectorLimits.unreadMs).unref();
    await once(this.#response, 'drain', { signal: this.signal }).catch(() => {});
    clearTimeout(patience);
  }

  /** Says its last words; what was written before comes before them, if it is taken soon. */
  end(reason: string): void {
    if (this.signal.aborted) return;
    this.#response.end(this.#lastWords(reason));
    this.#over.abort();
    const patience = setTimeout(() => this.cutOff(), inspectorLimits.unreadMs).unref();
    void this.closed.then(() => clearTimeout(patience));
  }

  cutOff(): void {
    this.#over.abort();
    this.#response.req.socket.destroy();
  }
}

export class EventStreams {
  readonly #open = new Set<EventStream>();

  open(response: ServerResponse, headers: OutgoingHttpHeaders, lastWords: LastWords): EventStream {
    this.#makeRoom();
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' }).flushHeaders();
    const stream = new EventStream(response, lastWords);
    this.#open.add(stream);
    void stream.closed.then(() => this.#open.delete(stream));
    return stream;
  }

  /** Those that were ended, and have not taken it, are not kept for ever either. */
  #makeRoom(): void {
    const open = [...this.#open];
    const told = open.filter(({ signal }) => !signal.aborted);
    if (told.length >= inspectorLimits.pages)
      told[0]?.end('a page that was opened later took its place');
    if (open.length >= 2 * inspectorLimits.pages) open[0]?.cutOff();
  }

  /** Ends all of them. Pages that take what they are told hear it; the others are not waited for. */
  async end(reason: string, withinMs: number): Promise<void> {
    const open = [...this.#open];
    for (const stream of open) stream.end(reason);
    await withTimeout(withinMs, Promise.all(open.map(({ closed }) => closed)));
    for (const stream of open) stream.cutOff();
  }
}
