// A BitTorrent client that others wrote, as far as the stories need it.

import type { Machine } from '../../support/network/machine.js';
import type { Need } from '../../support/network/need.js';
import type { Story } from '../story/story.js';
import type { Program } from './installed.js';

/**
 * `as it comes`: nothing about encryption is set.
 * `plaintext`: it prefers, or insists on, connections that are not encrypted.
 * `encrypted only`: it neither offers nor takes a connection that is not encrypted with RC4 from end to end.
 */
export type Encryption = 'as it comes' | 'plaintext' | 'encrypted only';

export interface Transfer {
  /** The path of a .torrent file, or a magnet link. */
  readonly torrent: string;
  /** Where the content lies, or goes to, under its own name. */
  readonly folder: string;
  readonly machine: Machine;
  /** Default: as it comes. */
  readonly encryption?: Encryption;
}

export interface OtherClient {
  readonly program: Program;
  /** What it takes to run it. */
  readonly needs: readonly Need[];
  /** What it can be told about encryption. */
  readonly encryptions: readonly Encryption[];
  /** Resolves once all of the content is there. */
  download(story: Story, transfer: Transfer): Promise<void>;
  /** Seeds content that is there, until the story ends. Resolves when that has begun; announcing may take longer. */
  seed(story: Story, transfer: Transfer): Promise<void>;
}
