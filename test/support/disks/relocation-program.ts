// A process that relocates content and may be killed meanwhile. Arguments: a file with the request. It says `begun`, writes the
// journal once the content lies at its target, as a session does, and says `ended`, or why it could not.
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Metainfo, type MetainfoData } from '../../../src/metainfo/metainfo.js';
import { relocateAll } from './relocated-content.js';

export interface ChildRequest {
  readonly metainfo: Omit<MetainfoData, 'info' | 'pieceHashes'>;
  readonly contentPath: string;
  readonly dir: string;
  readonly journal: string;
}

const [, , requestFile = ''] = process.argv;
const request: ChildRequest = JSON.parse(readFileSync(requestFile, 'utf8'));
const nothing = new Uint8Array();
const metainfo = new Metainfo({ ...request.metainfo, info: nothing, pieceHashes: nothing });

process.stdout.write('begun\n');
await relocateAll({ metainfo }, request.contentPath, request.dir, { committed: record })
  .then(() => process.stdout.write('ended\n'))
  .catch((error) => process.stdout.write(`${error.code}: ${error.message}\n`));

function record(path: string): void {
  const descriptor = openSync(request.journal, 'w');
  writeSync(descriptor, `${path}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
}
