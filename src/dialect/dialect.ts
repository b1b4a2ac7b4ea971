// The JSON dialect of one helper, for any number of connections: the parent's, and those of whoever watches. It stands on the
// library's public face alone; what happens is read once, and told to each of them.
import { createLongTurns } from '../async/long-turns.js';
import { type HelperError, toHelperError } from '../errors.js';
import { eventError } from '../helper/events/event-error.js';
import type { HelperEvent } from '../helper/events/helper-event.js';
import type { Helper } from '../helper/helper.js';
import { dialectLimits } from '../limits.js';
import {
  DialectConnection,
  type DialectConnectionOptions,
  type DialectConnectionParts,
} from './dialect-connection.js';
import { JobWaits } from './jobs/job-waits.js';
import { KnownJobs } from './jobs/known-jobs.js';
import { KnownTrackers } from './jobs/known-trackers.js';
import { describeHelper, type HelperIdentity } from './methods/describe-helper.js';
import { eventNotification } from './wire/event-notification.js';
import { type Notification, wireJson } from './wire/write-message.js';

export interface DialectParts {
  readonly helper: Helper;
  /** Resolves when the ports are open; nothing is said before. */
  readonly open: Promise<void>;
  readonly identity: HelperIdentity;
  /** Stops the helper, within that time at most. */
  quit(deadlineMs: number | undefined): void;
}

export interface Dialect {
  connect(options: DialectConnectionOptions): DialectConnection;
  /** Tells all of something that concerns no job. */
  warn(error: HelperError): void;
  /** Resolves when the helper is closed, and all has been told that was to be told. Never rejects. */
  readonly finished: Promise<void>;
}

export function openDialect({ helper, open, identity, quit }: DialectParts): Dialect {
  const connections = new Set<DialectConnection>();
  const jobs = new KnownJobs(helper);
  const waits = new JobWaits(jobs);
  const trackers = new KnownTrackers();

  const parts: DialectConnectionParts = {
    helper,
    jobs,
    waits,
    trackers,
    quit,
    nextTurn: createLongTurns(dialectLimits.workATurnMs),
    describe: (mayControl) => describeHelper(helper, identity, mayControl),
    carryOut(line) {
      const job = helper.send(line);
      if (job) jobs.add(job);
    },
  };
  const ready = ({ mayControl }: DialectConnection, nextId: number) => {
    const params = wireJson({ ...parts.describe(mayControl), nextId });
    return `{"jsonrpc":"2.0","method":"helper.ready","params":${params}}\n`;
  };

  const tell = (event: HelperEvent) => {
    const id = 'id' in event ? event.id : undefined;
    let told: Notification | undefined;
    const notification = () => {
      told ??= eventNotification(event);
      return told;
    };
    jobs.onEvent(event);
    trackers.onEvent(event);
    for (const connection of connections) {
      connection.tell(event.type, id, notification);
      if (event.type === 'job.ended') connection.onJobEnded(event.id);
    }
    if (id !== undefined) waits.look(id);
  };
  const tellAll = async () => {
    try {
      for await (const event of helper.events()) tell(event);
    } catch (error) {
      warnAll(toHelperError(error));
    }
    await Promise.all([...connections].map((connection) => connection.partedFrom()));
  };

  const warnAll = (error: HelperError) => {
    for (const connection of connections) connection.warn(warning(error));
  };

  return {
    connect(options) {
      const connection = new DialectConnection(parts, options);
      connections.add(connection);
      options.output.on('close', () => connections.delete(connection));
      // Before anything that it says itself.
      const { nextId } = helper;
      open.then(
        () => connection.open(ready(connection, nextId)),
        (error) => {
          connection.open(ready(connection, nextId));
          const why = toHelperError(error);
          // A helper that had nothing left to do ends before its ports are open.
          if (why.code !== 'CLOSED') connection.warn(warning(why));
        },
      );
      return connection;
    },
    warn: warnAll,
    finished: tellAll(),
  };
}

function warning(error: HelperError): Notification {
  return {
    method: 'helper.warning',
    timeMs: Date.now(),
    json: wireJson({ error: eventError(error) }),
  };
}
