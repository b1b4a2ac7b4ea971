// Splits text as Python's str.splitlines does, which takes more characters for line ends than any other reader.

/** The lines of `text`; a last one that is empty means that the text ended with a line end. */
export function splitLines(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the line ends
  return text.split(/\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/);
}
