// What the words of a peer's record and of a swarm's are. Each begins with two that are the table's own.
import { RecordTable } from './record-table.js';

export const peerWords = {
  swarm: 2,
  /** Who announced it, as the counts know them. */
  sender: 3,
  /** Among those of its sender, and this is two words, as every ring. */
  crowd: 4,
  /** Among all, the one that announced longest ago first. */
  age: 6,
  /** Of its group, which it stands for; `behind` if another does, `apart` for a seeder on this machine. */
  position: 8,
  announcedAtMs: 9,
  idHash: 10,
  isComplete: 11,
  family: 12,
  /** Compact, as peers are told of it: 6 bytes or 18. */
  address: 13,
} as const;
export const addressWords = 5;
const ipv6AddressBytes = 18;
const peerWidth = peerWords.address + addressWords;

export const behind = -1;
export const apart = -2;

/** What a swarm knows of its peers of one family, besides the seeders that stand apart. */
export const familyWords = {
  /** Where the list of its groups begins: the peers that stand for them, the crowds first. */
  block: 0,
  capacity: 1,
  groups: 2,
  crowds: 3,
  /** Of this machine's group, and one more; or 0. */
  ownPlace: 4,
} as const;

export const swarmWords = {
  /** Five words. */
  infoHash: 2,
  /** Among those that may make room, the one announced longest ago first. */
  age: 7,
  /** How often. */
  registered: 9,
  peers: 10,
  complete: 11,
  downloaded: 12,
  /** Seeders on this machine: one of them, and how many. */
  ownSeeder: 13,
  ownSeeders: 14,
  ipv4: 15,
  ipv6: 20,
} as const;
export const infoHashWords = 5;
const swarmWidth = swarmWords.ipv6 + 5;

/** Which of a swarm's words are a family's. */
export type Family = typeof swarmWords.ipv4 | typeof swarmWords.ipv6;
export const families: readonly Family[] = [swarmWords.ipv4, swarmWords.ipv6];

/** An entry in a list, which may be half empty. */
const entryBytes = 8;
/** What one takes of the memory that may be taken. */
export const peerBytes = RecordTable.bytesOf(peerWidth) + entryBytes;
export const swarmBytes = RecordTable.bytesOf(swarmWidth);

export function peerTable(): RecordTable {
  return new RecordTable(peerWidth);
}

export function swarmTable(): RecordTable {
  return new RecordTable(swarmWidth);
}

/** By how long an address is in the compact form. */
export function familyOf(addressBytes: number): Family {
  return addressBytes === ipv6AddressBytes ? swarmWords.ipv6 : swarmWords.ipv4;
}
