// What is told of the command beside its options: the instructions and the exit codes, for the help and the manual page.

/** Each with what is done then. */
export const instructionTable: readonly (readonly [string, string])[] = [
  ['file:PATH', 'make a torrent of the file or folder, publish it, seed it from where it lies'],
  ['torrent:SOURCE', 'download and seed: an http(s) URL, a path, a magnet link or an info hash'],
  ['magnet:?…', 'the same, for a magnet link'],
  ['pause:ID', 'stop all transfer of a job'],
  ['resume:ID', 'go on with it'],
  ['move:ID:DIR', 'move the content of a job into the folder DIR, while it seeds'],
  ['verify:ID', 'read the content of a job again; a download fetches what is missing'],
  ['announce:ID', 'ask the trackers of a job now'],
  ['remove:ID', 'forget the job, keep the data'],
  ['delete:ID', 'forget a download and delete its data'],
  ['list:', 'write the last line of every live job again'],
  ['quit:', 'stop gracefully'],
];

/** How an instruction begins, up to its colon. */
export const instructionPrefixes = instructionTable.map(([form]) => form.replace(/:.*/, ':'));

/** Those of exitCodes in terminal.ts, in a few words. */
export const exitCodeTable: readonly (readonly [number, string])[] = [
  [0, 'all done'],
  [1, 'internal error'],
  [2, 'wrong usage'],
  [3, 'a job failed, or what a command was to do'],
  [4, 'told to stop with downloads unfinished or files not yet published'],
  [5, 'stdout could not be written'],
];
