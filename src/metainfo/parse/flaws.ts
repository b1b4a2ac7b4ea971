// What is wrong with metainfo, said by the check that found it. It never leaves this folder: the reader, who knows
// where the bytes came from, makes a HelperError of it.

export type FlawCode = 'METAINFO_INVALID' | 'METAINFO_UNSUPPORTED';

/** `message` is the middle of a sentence, such as `its piece length is 0`. */
export class MetainfoFlaw extends Error {
  override readonly name = 'MetainfoFlaw';

  constructor(
    readonly code: FlawCode,
    message: string,
  ) {
    super(message);
  }
}

export function invalid(what: string): MetainfoFlaw {
  return new MetainfoFlaw('METAINFO_INVALID', what);
}

export function unsupported(what: string): MetainfoFlaw {
  return new MetainfoFlaw('METAINFO_UNSUPPORTED', what);
}
