// Tells a page what is known of all actors, and then what is new. It keeps a place among the records, and asks for more when what it
// told was taken; where these were forgotten meanwhile it begins anew.
import { setTimeout as delay } from 'node:timers/promises';
import { untilAborted } from '../../async/until-aborted.js';
import { inspectorLimits } from '../../limits.js';
import type { PageMessage } from '../told/page-messages.js';
import type { InspectedRecords } from '../told/readable-records.js';
import { type EventStream, serverSentEvent } from './event-streams.js';

/** What comes within so long is told together. */
const gatherMs = 50;
/** Told at once. A page shows the first while the others are on their way. */
const actorsAtOnce = 200;

export class RecordTeller {
  readonly #records: InspectedRecords;
  /** Of the record that is told next; undefined while the actors are told. */
  #seq: number | undefined;

  constructor(records: InspectedRecords) {
    this.#records = records;
  }

  async tellTo(stream: EventStream): Promise<void> {
    while (!stream.signal.aborted) {
      await this.#tellActors(stream);
      await this.#tellRecords(stream);
    }
  }

  /** What came just now, and that nothing more will. */
  lastWords(reason: string): string {
    const ended: PageMessage = { type: 'ended', reason };
    const found = this.#seq === undefined ? [] : this.#read(this.#seq);
    return [...recordMessages(found), JSON.stringify(ended)].map(serverSentEvent).join('');
  }

  async #tellActors(stream: EventStream): Promise<void> {
    const { source, firstSeq } = this.#records;
    const actors = this.#records.actorsBefore();
    this.#seq = undefined;
    const tell = (message: PageMessage) => stream.write(JSON.stringify(message));
    await tell({ type: 'began', source, lostRecords: firstSeq - 1 });
    for (let told = 0; told < actors.length && !stream.signal.aborted; told += actorsAtOnce) {
      await tell({ type: 'actors', actors: actors.slice(told, told + actorsAtOnce) });
    }
    this.#seq = firstSeq;
  }

  /** Until the page has gone, or what it would be told next is no longer remembered. */
  async #tellRecords(stream: EventStream): Promise<void> {
    const caughtUp: PageMessage = { type: 'caughtUp' };
    let isCaughtUp = false;
    while (!stream.signal.aborted && this.#seq !== undefined) {
      const found = this.#read(this.#seq);
      if (found === undefined) return;
      this.#seq += found.length;
      const [message] = recordMessages(found);
      if (message !== undefined) await stream.write(message);
      else if (isCaughtUp) await this.#untilMore(stream.signal);
      else {
        isCaughtUp = true;
        await stream.write(JSON.stringify(caughtUp));
      }
    }
  }

  #read(seq: number): readonly string[] | undefined {
    return this.#records.read(seq, inspectorLimits.toldCharacters);
  }

  async #untilMore(signal: AbortSignal): Promise<void> {
    let forget = () => {};
    const more = new Promise<void>((resolve) => {
      forget = this.#records.onRecords(resolve);
    });
    try {
      await untilAborted(signal, more);
      forget();
      await delay(gatherMs, undefined, { signal });
    } catch {
      // The page has gone.
    } finally {
      forget();
    }
  }
}

/** None, or one. */
function recordMessages(found: readonly string[] | undefined): string[] {
  if (found === undefined || found.length === 0) return [];
  return [`{"type":"records","records":[${found.join()}]}`];
}
