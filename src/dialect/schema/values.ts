// The words that the dialect's messages are made of. For builds and tests alone: what runs has the checks that were compiled of
// it, and its types. A schema with a title is a definition of its own wherever it is written down.
import Type, { type TSchema } from 'typebox';
import { dialectLimits } from '../../limits.js';

/** What is not known is null: never -1, never left out. */
export const orNull = <T extends TSchema>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });

/** Integers alone, as far as every reader of JSON can count. */
const integer = (description: string, minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  Type.Integer({ description, minimum, maximum });

export const bytes = (description: string) => integer(description, 0);
export const bytesPerSecond = (description: string) => integer(description, 0);
export const count = (description: string) => integer(description, 0);
export const seconds = (description: string) => integer(description, 0);
export const percent = (description: string) => integer(description, 0, 100);
export const unixMs = (description: string) => integer(description, 0);
export const durationMs = (description: string, least: number, most: number) =>
  integer(description, least, most);
export const port = (description: string) => integer(description, 1, 65_535);

/** One of a closed list. */
export const oneOf = <const T extends string[]>(values: readonly [...T], description: string) =>
  Type.Enum([...values], { description });

export const jobId = integer('The number of a job: 1, 2, 3 …', 1);

/** Half a character can be written in JSON, and nowhere else. */
const wholeCharacters = '^[^\\ud800-\\udfff]*$';

export const key = Type.String({
  description: 'The parent’s own name for the job.',
  pattern: wholeCharacters,
  minLength: 1,
  maxLength: dialectLimits.keyLength,
});

/** As a file system takes it. */
export const path = (description: string) =>
  Type.String({ description, minLength: 1, pattern: '^[^\\0\\ud800-\\udfff]*$' });

/** As it is told: whatever it holds. */
export const text = (description: string) => Type.String({ description });

export const infoHash = Type.String({
  description: 'The SHA-1 info hash, as 40 lower-case hex digits.',
  pattern: '^[0-9a-f]{40}$',
});

export const base64 = (description: string) =>
  Type.String({
    description,
    minLength: 4,
    pattern: '^[A-Za-z0-9+/]+={0,2}$',
    contentEncoding: 'base64',
  });

export const list = <T extends TSchema>(items: T, description: string, maxItems?: number) =>
  Type.Array(items, { description, ...(maxItems !== undefined && { maxItems }) });

/** What is sent to the helper: a name that it does not know is refused, as it cannot do what it asks for. */
export const closed = { additionalProperties: false } as const;
