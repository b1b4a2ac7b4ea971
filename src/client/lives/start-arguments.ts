// The options of a helper as the arguments of its command.
import { invalidOption } from '../../options/check-arguments.js';
import type { HelperOptions } from '../../options/resolve-options.js';

/** Those of the command line in camelCase; and what only a client has. */
export type StartOptions = Omit<
  HelperOptions,
  'inspect' | 'onDiagnostic' | 'onEof' | 'engineWorkerUrl' | 'signal'
>;

const names = {
  torrentDir: 'torrent-dir',
  downloadDir: 'download-dir',
  tracker: 'tracker',
  noTracker: 'no-tracker',
  host: 'host',
  listen: 'listen',
  port: 'port',
  trackerPort: 'tracker-port',
  public: 'public',
  noDht: 'no-dht',
  down: 'down',
  up: 'up',
  giveUp: 'give-up',
  session: 'session',
  stateDir: 'state-dir',
  maxActive: 'max-active',
  moveCompleted: 'move-completed',
} as const satisfies Readonly<Record<keyof StartOptions, string>>;

/** Throws OPTION_INVALID for an option that there is not; what a value has to be says the command. */
export function startArguments(options: StartOptions): readonly string[] {
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(names, key));
  if (unknown !== undefined) {
    throw invalidOption(
      'the options of startHelper',
      unknown,
      `no other than ${Object.keys(names).join(', ')}`,
    );
  }
  return Object.entries(names).flatMap(([key, name]) => {
    const value: unknown = Reflect.get(options, key);
    if (value === undefined || value === false) return [];
    if (value === true) return [`--${name}`];
    return [value].flat().flatMap((each) => [`--${name}`, String(each)]);
  });
}
