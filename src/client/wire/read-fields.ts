// What a helper says, read with care and without fuss: a field that is null, left out, or of another type is undefined, and
// one that nobody knows is passed over, so that a newer helper can say more.

export type Fields = Readonly<Record<string, unknown>>;

export function areFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const fieldsOf = (value: unknown): Fields => (areFields(value) ? value : {});

export const textIn = (fields: Fields, name: string): string | undefined => {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
};

export const numberIn = (fields: Fields, name: string): number | undefined => {
  const value = fields[name];
  return typeof value === 'number' ? value : undefined;
};

export const flagIn = (fields: Fields, name: string): boolean | undefined => {
  const value = fields[name];
  return typeof value === 'boolean' ? value : undefined;
};

export const listIn = (fields: Fields, name: string): readonly unknown[] => {
  const value = fields[name];
  return Array.isArray(value) ? value : [];
};

export const textsIn = (fields: Fields, name: string): readonly string[] =>
  listIn(fields, name).filter((each) => typeof each === 'string');

/** One of these words; undefined for one that is not known here. */
export function wordIn<const Word extends string>(
  fields: Fields,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = textIn(fields, name);
  return words.find((word) => word === text);
}
