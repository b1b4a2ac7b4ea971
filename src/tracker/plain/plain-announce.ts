// Announces as most clients write them: a GET in one piece, whose headers change nothing of the answer. Whatever is written
// otherwise is for a server that knows more of HTTP. Pure.

export interface PlainAnnounce {
  /** Of the URL, as it is written. */
  readonly query: string;
  /** The header. */
  readonly host: string;
}

/** Longer ones may be too long. */
const mostBytes = 4_096;
/** No part of it can be read in two ways, so that it takes no longer than the text is long. */
const shape =
  /^GET \/announce\?([!-~]*) HTTP\/1\.1\r\n[Hh]ost: ([!-~]*)\r\n(?:(?:[Uu]ser-[Aa]gent|[Aa]ccept|[Aa]ccept-[Ee]ncoding): [ -~]*\r\n)*\r\n$/;

/** `chunk`: what came in one read. */
export function readPlainAnnounce(chunk: Buffer): PlainAnnounce | undefined {
  if (chunk.length > mostBytes) return undefined;
  const [, query, host] = shape.exec(chunk.toString('latin1')) ?? [];
  return query === undefined || host === undefined ? undefined : { query, host };
}
