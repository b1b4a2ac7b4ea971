// All targets, in the order in which they are run.
import type { Target } from '../target.js';
import { dhtDatagrams } from './dht-datagrams.js';
import { dialectLines } from './dialect-lines.js';
import { dialledPeers } from './dialled-peers.js';
import { httpTrackerAnswers } from './http-tracker-answers.js';
import { instructionLines } from './instruction-lines.js';
import { linesOut } from './lines-out.js';
import { metainfo } from './metainfo.js';
import { peerFrames } from './peer-frames.js';
import { peerHandshakes } from './peer-handshakes.js';
import { peerMessages } from './peer-messages.js';
import { recordings } from './recordings.js';
import { resumeRecords } from './resume-records.js';
import { sessionFiles } from './session-files.js';
import { sources } from './sources.js';
import { trackerHttpRequests } from './tracker-http-requests.js';
import { trackerUdpRequests } from './tracker-udp-requests.js';
import { udpTrackerAnswers } from './udp-tracker-answers.js';
import { webAnswers } from './web-answers.js';

export const targets: readonly Target[] = [
  instructionLines,
  dialectLines,
  linesOut,
  metainfo,
  sources,
  httpTrackerAnswers,
  udpTrackerAnswers,
  trackerHttpRequests,
  trackerUdpRequests,
  webAnswers,
  peerFrames,
  peerHandshakes,
  peerMessages,
  dialledPeers,
  dhtDatagrams,
  sessionFiles,
  resumeRecords,
  recordings,
];

export const targetNames: readonly string[] = targets.map(({ name }) => name);

export function targetNamed(name: string): Target {
  const found = targets.find((target) => target.name === name);
  if (found === undefined) throw new RangeError(`there is no target ${name}`);
  return found;
}
