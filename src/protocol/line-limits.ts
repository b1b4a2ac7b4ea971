// How much of a line of input is read.

/** The longest line that is taken, in bytes, without its line end. A longer one is refused as a whole. */
export const maxLineBytes = 64 * 1024;

/** How much of a refused line is kept to show. */
export const maxHeadBytes = 200;
