// Whether what createHelper is given are options at all: of those that the command line has no word for, and of names that
// there are none of. What the values mean is the business of resolve-options.ts.
import { checkKeys, checkSignal, invalidOption } from './check-arguments.js';
import type { HelperOptions } from './resolve-options.js';

/** How each is to be; what is `checked` later is told there by its flag. */
const optionTypes: Readonly<Record<keyof HelperOptions, 'checked' | 'boolean' | 'function'>> = {
  torrentDir: 'checked',
  downloadDir: 'checked',
  tracker: 'checked',
  noTracker: 'boolean',
  host: 'checked',
  listen: 'checked',
  port: 'checked',
  trackerPort: 'checked',
  public: 'boolean',
  noDht: 'boolean',
  down: 'checked',
  up: 'checked',
  giveUp: 'checked',
  session: 'checked',
  stateDir: 'checked',
  maxActive: 'checked',
  moveCompleted: 'checked',
  onEof: 'checked',
  engineWorkerUrl: 'checked',
  inspect: 'checked',
  onDiagnostic: 'function',
  signal: 'checked',
};

const expectations: ReadonlyMap<string, string> = new Map([
  ['boolean', 'true or false'],
  ['function', 'a function'],
]);

/** Throws OPTION_INVALID. */
export function checkOptions(options: HelperOptions): void {
  checkKeys('createHelper', options, Object.keys(optionTypes));
  checkSignal('createHelper', options.signal);
  checkInspect(options.inspect);
  const types = new Map<string, string>(Object.entries(optionTypes));
  for (const [name, value] of Object.entries(options)) {
    const type = types.get(name) ?? 'checked';
    const isFit = value === undefined || type === 'checked' || typeof value === type;
    if (isFit && value !== null) continue;
    throw invalidOption(`the option ${name}`, value, expectations.get(type) ?? 'a value, or none');
  }
}

function checkInspect(inspect: unknown): void {
  if (inspect === undefined || typeof inspect === 'function') return;
  const isObserver =
    typeof inspect === 'object' &&
    inspect !== null &&
    (!('next' in inspect) || inspect.next === undefined || typeof inspect.next === 'function');
  if (!isObserver) throw invalidOption('the option inspect', inspect, 'a function or an observer');
}
