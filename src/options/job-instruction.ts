// What the library's caller asks for, as the instruction it is. Throws for what can be none.
import { resolve } from 'node:path';
import type { JobInstruction } from '../../machines/types.js';
import { checkGiven, checkJobOptions } from './check-arguments.js';

type Download = Extract<JobInstruction, { kind: 'download' }>;

export function seedInstruction(
  path: string,
  options: { readonly key?: string | undefined },
): JobInstruction {
  checkGiven('seed', path);
  checkJobOptions('seed', options);
  const { key } = options;
  return { kind: 'seed', given: path, ...(key !== undefined && { key }) };
}

export function downloadInstruction(
  source: string,
  options: Pick<Download, 'key' | 'dir' | 'paused'>,
): JobInstruction {
  checkGiven('download', source);
  checkJobOptions('download', options);
  const { key, dir, paused } = options;
  return {
    kind: 'download',
    given: source,
    ...(key !== undefined && { key }),
    ...(dir !== undefined && { dir: resolve(dir) }),
    ...(paused && { paused }),
  };
}
