// What was given on the command line, by the option table: which options, and their values as what they are.
import { parseArgs } from 'node:util';
import { HelperError } from '../../errors.js';
import { optionTable, questions } from './option-table.js';

/** Throws OPTION_INVALID for what no command knows. */
export function parseGiven(args: readonly string[]) {
  const known = optionTable.map(({ name, value, optionalValue }) => [
    name,
    { type: (value ?? optionalValue) ? 'string' : 'boolean', multiple: true } as const,
  ]);
  const asking = questions.map(({ name, short }) => [
    name,
    { type: 'boolean', short, multiple: true } as const,
  ]);
  const meant = withMeantValues(args);
  try {
    return parseArgs({
      args: meant,
      options: Object.fromEntries([...known, ...asking]),
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    // The first sentence names the option; what follows explains Node's own rules.
    const reason = error instanceof Error ? error.message.split(/\. |\n/)[0] : String(error);
    throw new HelperError('OPTION_INVALID', `${reason}; see --help`);
  }
}

type GivenValues = ReturnType<typeof parseArgs>['values'];
export type Values = ReturnType<typeof readValues>;

/** Typed access to what was given. An option given twice means its last value. */
export function readValues(given: GivenValues) {
  const texts = (name: string) =>
    [given[name] ?? []].flat().filter((value): value is string => typeof value === 'string');
  const text = (name: string) => texts(name).at(-1);
  return {
    texts,
    text,
    isSet: (name: string) => given[name] !== undefined,
    number: (name: string) => {
      const value = text(name);
      if (value === undefined) return undefined;
      if (!/^\d+(\.\d+)?$/.test(value)) {
        throw new HelperError('OPTION_INVALID', `--${name} ${value}: expected a number`);
      }
      return Number(value);
    },
  };
}

/**
 * Node knows of no value that may be left out, and would take the next argument for it: so what is meant is written there. A value
 * that stands by itself never begins with `-`, Node sees to that.
 */
function withMeantValues(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  return args.map((arg, index) => {
    if (end !== -1 && index > end) return arg;
    for (const { name, optionalValue } of optionTable) {
      if (optionalValue === undefined) continue;
      const words = optionalValue.split('|');
      const isOpen = words.some((word) => /^[A-Z]/.test(word));
      if (arg === `--${name}`) return `--${name}=${isOpen ? '' : words[0]}`;
      if (!arg.startsWith(`--${name}=`)) continue;
      const [, value = ''] = arg.split(/=(.*)/s);
      // Nothing behind the sign is a variable that was not set.
      if (isOpen ? value !== '' : words.includes(value)) return arg;
      throw new HelperError('OPTION_INVALID', `--${name} ${value}: expected ${optionalValue}`);
    }
    return arg;
  });
}
