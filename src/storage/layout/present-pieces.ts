// Which pieces could be good, by the sizes of the files alone: those of which every byte lies on disk. Pure.
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';

/** Neighbouring pieces: `count` of them, from piece `first` on. */
export interface PieceRun {
  readonly first: number;
  readonly count: number;
}

/**
 * The runs of pieces that lie wholly in existing files, in order. Takes time by files and runs, not by pieces.
 * `sizes` holds every file there is; a missing one has no bytes.
 */
export function presentPieces(
  metainfo: Metainfo,
  sizes: ReadonlyMap<MetainfoFile, number>,
): PieceRun[] {
  const runs: PieceRun[] = [];
  let startBytes = 0;
  let endBytes = 0;
  let hasFile = false;
  const endRun = () => {
    const run = piecesWithin(metainfo, startBytes, endBytes);
    // Zeroes of padding files alone are no sign that anything was downloaded.
    if (hasFile && run.count > 0) runs.push(run);
    hasFile = false;
  };
  for (const file of metainfo.files) {
    if (file.offsetBytes > endBytes) {
      endRun();
      startBytes = file.offsetBytes;
    }
    const sizeBytes = file.isPadding ? file.lengthBytes : (sizes.get(file) ?? 0);
    endBytes = file.offsetBytes + sizeBytes;
    hasFile ||= !file.isPadding && sizeBytes > 0;
  }
  endRun();
  return runs;
}

/** Cuts runs into those of at most `maxPieces`, all of them pieces that are wanted, and passes over the others. */
export function* wantedRuns(
  runs: readonly PieceRun[],
  maxPieces: number,
  isWanted: (index: number) => boolean,
): Generator<PieceRun> {
  for (const run of runs) {
    const end = run.first + run.count;
    for (let first = run.first; first < end; ) {
      let count = 0;
      while (count < maxPieces && first + count < end && isWanted(first + count)) count++;
      if (count > 0) yield { first, count };
      first += Math.max(1, count);
    }
  }
}

function piecesWithin(metainfo: Metainfo, startBytes: number, endBytes: number): PieceRun {
  const { pieceLengthBytes, lengthBytes, pieceCount } = metainfo;
  const first = Math.ceil(startBytes / pieceLengthBytes);
  // The last piece is shorter than the others, unless it happens to be full.
  const end = endBytes === lengthBytes ? pieceCount : Math.floor(endBytes / pieceLengthBytes);
  return { first, count: end - first };
}
