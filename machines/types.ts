// The words the machines speak: types only, shared with everything that talks to them.

import type { Failure } from '../src/errors.js';

export type { ErrorCode, Failure } from '../src/errors.js';

/** A line of stdin: text, or the head of a line that is no text. `ended`: a line end followed it. */
export type InputLine =
  | { readonly kind: 'text'; readonly text: string; readonly ended: boolean }
  | {
      readonly kind: 'fault';
      readonly fault: 'too-long' | 'not-utf8';
      /** Its first bytes, decoded as well as they can be. */
      readonly head: string;
      readonly ended: boolean;
    };

/** What a parent may ask for, as named by the instruction parser. */
export type Instruction =
  | JobInstruction
  | JobCommand
  | { readonly kind: 'list' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'not-understood'; readonly line: string };

/** An instruction for a job that is there. */
export type JobCommand =
  | {
      /** `verify`: read the content again. `announce`: ask the trackers now. */
      readonly kind: 'pause' | 'resume' | 'remove' | 'delete' | 'verify' | 'announce';
      readonly id: number;
    }
  /** `dir`: the folder that its content is to lie in. */
  | { readonly kind: 'move'; readonly id: number; readonly dir: string };

/** An instruction that begins a job, and so takes the next id, whatever becomes of it. */
export type JobInstruction =
  /** `given`: a path. */
  | { readonly kind: 'seed'; readonly given: string; readonly key?: string | undefined }
  /** `given`: a URL, a path, a magnet link, or an info hash; with `metainfo`, a name for that alone. */
  | ({
      readonly kind: 'download';
      readonly given: string;
      readonly key?: string | undefined;
      readonly metainfo?: GivenMetainfo | undefined;
    } & DownloadChoices)
  /** It begins like a job but cannot be one: empty, too long, or not UTF-8. `given`: what can be shown of it. */
  | {
      readonly kind: 'invalid';
      readonly given: string;
      readonly failure: Failure;
      readonly key?: undefined;
    };

/** Metainfo that came with the instruction. */
export interface GivenMetainfo {
  /** SHA-256 of the bytes, in hex. */
  readonly digest: string;
  /** `onBytes` is told how many before memory is taken for them; what it throws ends the reading. */
  read(signal: AbortSignal, onBytes: (bytes: number) => void): Promise<Uint8Array>;
}

/** What may be asked of one download alone. */
export interface DownloadChoices {
  /** The folder that its content is to lie in, as an absolute path; left out, that of all. */
  readonly dir?: string | undefined;
  /** It begins paused. */
  readonly paused?: boolean | undefined;
}

/** What a job is for; `invalid`: for nothing, and so it fails at once. */
export type JobKind = JobInstruction['kind'];

/** A job that is to begin. */
export interface JobOrder {
  readonly id: number;
  readonly instruction: JobInstruction;
  /** How its lines name it, where that is not what was given. */
  readonly file?: string | undefined;
  /** What the session knew of it, if it brings the job back. */
  readonly saved?: SavedState | undefined;
  /** Its user paused it, or let it go on, while it waited; left out, it is as it was saved. */
  readonly isPaused?: boolean | undefined;
  /** It has said its -1 while it waited. */
  readonly hasSpoken?: boolean | undefined;
  /** Its user asked, while it waited, that its content be read again. */
  readonly mustVerify?: boolean | undefined;
}

/**
 * Who named an address, and so how near to us it may lead: its user, who may name any; a .torrent file or a magnet link that
 * came from nobody knows where; or a server, by its address if that is known.
 */
export type Reach =
  | { readonly kind: 'user' }
  | { readonly kind: 'document' }
  | { readonly kind: 'network'; readonly address?: string | undefined };

/** What a session keeps of a job beside its instruction. */
export interface SavedState {
  /** When it was given, in Unix ms. Sessions of before did not say. */
  readonly addedMs?: number | undefined;
  /** When it was complete for the first time. */
  readonly doneMs?: number | undefined;
  /** Its user had paused it. */
  readonly isPaused: boolean;
  /** Undefined while its torrent is not known. */
  readonly infoHash?: string | undefined;
  /** Of its torrent. Sessions of before did not say. */
  readonly name?: string | undefined;
  readonly contentPath?: string | undefined;
  /** Of a download: what named its torrent's trackers. Sessions of before did not say. */
  readonly reach?: Reach | undefined;
}

/** Where a job stands: `queued` before its machine is started, else a state of the torrent machine. */
export type JobState =
  | 'queued'
  | 'making'
  | 'writing'
  | 'fetching'
  | 'registering'
  | 'checking'
  | 'downloading'
  | 'seeding'
  | 'recovering'
  | 'moving'
  | 'paused'
  | 'failed'
  | 'removed';

/** A job as its reports name it. */
export interface JobTag {
  readonly id: number;
  readonly kind: JobKind;
  /** The path as given for a seed; the torrent's name for a download, or its source while there is no name. */
  readonly file: string;
  readonly state: JobState;
}

/** One line of progress, as the command writes it to stdout. */
export interface ProgressChange extends JobTag {
  readonly type: 'progress';
  /** -1: the metainfo is known. 0 to 100: whole percents verified. -2: failed for good. */
  readonly percent: number;
  /** True when `list:` asked to hear it again. */
  readonly repeated: boolean;
}

/** The job came into another state, such as `paused`. */
export interface StateChange extends JobTag {
  readonly type: 'state';
  /** As its last line says it; undefined before the first. */
  readonly percent: number | undefined;
  readonly repeated: false;
}

/** What happened to a job. */
export type Change = ProgressChange | StateChange;

/** How a job ended. */
export interface Outcome {
  readonly id: number;
  /**
   * The final state of its machine. `removed`: its user removed it. `released`: it was complete, and nobody asks for more.
   * `stopped`: the helper stops.
   */
  readonly kind: 'failed' | 'removed' | 'released' | 'stopped';
  /** A download reached 100, or a seed was published, before the end. */
  readonly completed: boolean;
  /** It came back paused from its session, and nobody let it go on. */
  readonly stayedPaused: boolean;
}

/** What the torrent machine knows of its torrent; the metainfo of src is one of these. */
export interface Torrent {
  readonly infoHash: string;
  readonly name: string;
  readonly lengthBytes: number;
}

/** A torrent and the place of its content. */
export interface LocatedTorrent<T extends Torrent = Torrent> {
  readonly torrent: T;
  /** The file itself for a single-file torrent, else the folder that stands for the torrent's name. */
  readonly contentPath: string;
  /** Peers already met, `host:port`. */
  readonly peers: readonly string[];
  /** Of content that was hashed: what its files' stamps came to before. */
  readonly stamps?: string | undefined;
  /** Of a download: what named its trackers. */
  readonly reach?: Reach | undefined;
}

/** A second copy of a torrent's content, ready to be given its name. */
export interface StagedContent {
  /** Where the copy lies now, beside `contentPath`. */
  readonly stagedPath: string;
  readonly contentPath: string;
}

/** A torrent as it was published. */
export interface Publication {
  readonly torrentFile: string;
  readonly infoHash: string;
  readonly magnetUri: string;
}

/** What is measured of a joined torrent. Bytes are those of content alone, and count on through pauses and crashes. */
export interface SwarmMeasure {
  /** Verified; undefined while what lies there is looked at. */
  readonly bytesDone: number | undefined;
  /** That came, good or bad. */
  readonly bytesDown: number;
  readonly bytesUp: number;
  /** Of what came: in bad pieces, or not asked for, or no longer. */
  readonly bytesWasted: number;
  /** Over the last seconds; exactly 0 where nothing moved in them. */
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  /** Connected. */
  readonly peers: number;
  /** Those of them that have everything. */
  readonly seeds: number;
  /** Until everything is there; undefined where nothing comes, or is missing. */
  readonly etaSeconds: number | undefined;
  /** Where somebody asked for it; once a second at most. */
  readonly detail?: SwarmDetail | undefined;
}

/** What a swarm is made of at one moment: bounded, however large the torrent is, and however many are there. */
export interface SwarmDetail {
  readonly pieces: PieceMap;
  /** Those that are connected; of too many those that move most. */
  readonly peers: readonly PeerMeasure[];
  /** In the order in which they are asked (BEP 12). */
  readonly trackers: readonly TrackerMeasure[];
}

/** The pieces of a torrent in their order, so many to a part; the last part may have fewer. */
export interface PieceMap {
  readonly pieceCount: number;
  readonly piecesPerPart: number;
  /** Of each part, how many are there, verified. */
  readonly verified: readonly number[];
  /** Of each part, how many are being fetched. */
  readonly underWay: readonly number[];
  /** Of each part, how often the connected peers have it together; two decimals. */
  readonly copies: readonly number[];
  /** How many pieces neither we nor a connected peer has. */
  readonly unavailable: number;
}

/** A connected peer. Its bytes are those of content, since the connection began. */
export interface PeerMeasure {
  /** `host:port` of the connection. */
  readonly address: string;
  /** As it calls itself, or by its peer id. A stranger's words, without control characters. */
  readonly client: string;
  /** Who named it; `incoming`: it dialled us. */
  readonly source: 'user' | 'tracker' | 'dht' | 'exchange' | 'incoming';
  /**
   * A letter each, as other clients have them. D: we download from it; d: we want to, and it chokes us; U: it may download from us;
   * u: it wants to, and we choke it; K: it lets us download, and we want nothing; ?: we let it, and it wants nothing; S: it owes
   * blocks, and sends none; I: it dialled us; H: the DHT named it; X: another peer named it; E: encrypted.
   */
  readonly flags: string;
  /** So many pieces it has. */
  readonly pieces: number;
  readonly bytesDown: number;
  readonly bytesUp: number;
  /** Over the last seconds. */
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  /** Blocks that it was asked for and has not sent, and that it asked for and was not sent. */
  readonly blocksAsked: number;
  readonly blocksOwed: number;
}

/** Existing data has been checked. */
export interface CheckedEvent {
  readonly type: 'swarm.checked';
  /** So much lies on disk, verified. */
  readonly verifiedBytes: number;
  /** All that lies there was read, as was asked. */
  readonly wasRead?: boolean | undefined;
}

/** How a tracker of a torrent is, by what came of its last announce; `waiting`: for the answer to the first. */
export interface TrackerStatus {
  /** As the torrent has it. */
  readonly url: string;
  readonly state: 'waiting' | 'working' | 'failing';
  /** Of one that fails. */
  readonly failure?: Failure | undefined;
  /** As it said last, if it did. */
  readonly seeders?: number | undefined;
  readonly leechers?: number | undefined;
}

/** A tracker of a torrent, and when it is asked; `unasked`: it has not been, so far. Times in Unix ms. */
export interface TrackerMeasure extends Omit<TrackerStatus, 'state'> {
  readonly state: TrackerStatus['state'] | 'unasked';
  readonly askedMs?: number | undefined;
  /** Undefined where it is being asked, or only if another fails. */
  readonly nextMs?: number | undefined;
}

/** What happens to a joined torrent, in this order: joined, checked, piece.verified …, completed. Plain data. */
export type SwarmEvent =
  /** The peer port takes connections for it, and announcing has begun. */
  | { readonly type: 'swarm.joined' }
  /** A tracker accepted an announce. */
  | { readonly type: 'swarm.announced' }
  /** Something a person should know of, once a reason; the swarm goes on. */
  | { readonly type: 'swarm.warned'; readonly failure: Failure }
  | CheckedEvent
  /** One more piece is verified and written. `verifiedBytes` counts all so far. */
  | { readonly type: 'piece.verified'; readonly verifiedBytes: number }
  /** Every piece is verified and safe on disk (fsync). */
  | { readonly type: 'swarm.completed' }
  /** Told at any time, but only while somebody listens, and only what is new. */
  | { readonly type: 'swarm.measured'; readonly measure: SwarmMeasure }
  /** Told as that is: first of each tracker that was asked, then of what is new. */
  | { readonly type: 'swarm.trackerChanged'; readonly tracker: TrackerStatus }
  /** Complete content was read again, as was asked, while the swarm went on. With a failure it is not, or cannot be told to be, what it was. */
  | { readonly type: 'swarm.verified'; readonly failure?: Failure | undefined }
  /** No tracker accepts the announce that was asked for, or none may be asked so soon. */
  | { readonly type: 'swarm.announceFailed'; readonly failure: Failure }
  /** The engine died. The torrent is joined again by itself, and tells everything again from `swarm.joined` on. */
  | { readonly type: 'swarm.interrupted'; readonly failure: Failure }
  /** The disk refuses, and the torrent was left. Nothing follows; joining it again goes on where it was. */
  | { readonly type: 'storage.error'; readonly failure: Failure }
  /** The torrent is over. Nothing follows. */
  | { readonly type: 'swarm.failed'; readonly failure: Failure };

/** What the relocation of its content tells a job. */
export type RelocationReport =
  /** A second copy is whole; `relocation.commit` is waited for. */
  | { readonly type: 'relocation.copied' }
  /** The content lies at its new place. */
  | { readonly type: 'relocation.committed'; readonly located: LocatedTorrent };

/** How a relocation ended. With a failure the content lies where it was last committed to. */
export interface RelocationOutcome {
  readonly failure: Failure | undefined;
  /** The content lay in the folder before. */
  readonly wasThere: boolean;
}

/** What a session has to know of the jobs, so that it can bring them back. */
export type SessionEntry =
  /** `addedMs`: when it was given, in Unix ms. */
  | {
      readonly type: 'began';
      readonly id: number;
      readonly instruction: JobInstruction;
      readonly addedMs?: number | undefined;
    }
  /** It is complete for the first time: a download safe on disk, or a seed published. */
  | { readonly type: 'done'; readonly id: number; readonly doneMs: number }
  /** Its torrent is known, and where its content lies; told again when that changes. */
  | { readonly type: 'located'; readonly id: number; readonly located: LocatedTorrent }
  /** Its user paused it, or let it go on. */
  | { readonly type: 'paused'; readonly id: number; readonly isPausedByUser: boolean }
  /** It need not come back: it failed, was removed, or was let go complete. */
  | { readonly type: 'ended'; readonly id: number };

/** What a job tells the monitor. */
export type JobReport =
  | { readonly type: 'job.recorded'; readonly entry: SessionEntry }
  /** Of many at once. */
  | { readonly type: 'jobs.recorded'; readonly entries: readonly SessionEntry[] }
  /** Of many at once: of those that wait, and lines that are said again. */
  | { readonly type: 'jobs.changed'; readonly changes: readonly Change[] }
  /** `percent`: as said last. */
  | {
      readonly type: 'job.stateChanged';
      readonly job: JobTag;
      readonly percent: number | undefined;
    }
  | {
      readonly type: 'job.progressed';
      readonly job: JobTag;
      readonly percent: number;
      readonly repeated: boolean;
    }
  /** A seed was published: 100. */
  | { readonly type: 'job.published'; readonly job: JobTag; readonly publication: Publication }
  /** A download is complete and safe on disk: 100. */
  | { readonly type: 'job.downloaded'; readonly job: JobTag; readonly contentPath: string }
  /** Its content lies elsewhere now. */
  | { readonly type: 'job.relocated'; readonly job: JobTag; readonly contentPath: string }
  /** Its content stays, or came only half, for this reason; the job goes on where it lies. */
  | { readonly type: 'job.relocationFailed'; readonly job: JobTag; readonly failure: Failure }
  | { readonly type: 'job.warned'; readonly job: JobTag; readonly failure: Failure }
  /** Nothing has happened: these are numbers, for those who listen. */
  | { readonly type: 'job.measured'; readonly id: number; readonly measure: SwarmMeasure }
  /** For those who listen. */
  | {
      readonly type: 'job.trackerChanged';
      readonly id: number;
      readonly tracker: TrackerStatus;
    }
  /**
   * Its content was read again, as was asked; so much of it is missing, and is fetched. Told again when a download that had
   * said 100 has that.
   */
  | { readonly type: 'job.verified'; readonly job: JobTag; readonly missingBytes: number }
  /** A tracker has accepted it since that was asked for. */
  | { readonly type: 'job.announced'; readonly job: JobTag }
  /** What was asked of it came to nothing; the job goes on. */
  | {
      readonly type: 'job.commandFailed';
      readonly job: JobTag;
      readonly command: 'verify' | 'announce';
      readonly failure: Failure;
    }
  /** A command that this job cannot take; the job goes on. */
  | {
      readonly type: 'instruction.refused';
      readonly id: number;
      readonly command: JobCommand['kind'];
      readonly failure: Failure;
    }
  /** It is in its last state, and failed for good: -2. `percent` of this and the next: as said before. */
  | {
      readonly type: 'job.failed';
      readonly job: JobTag;
      readonly percent: number | undefined;
      readonly failure: Failure;
    }
  /** Its user removed it. `left`: what is to be said of data that was to be deleted and was not. */
  | {
      readonly type: 'job.removed';
      readonly job: JobTag;
      readonly percent: number | undefined;
      readonly left?: Failure | undefined;
    }
  /** Over without a word. */
  | {
      readonly type: 'job.ended';
      readonly job: JobTag;
      readonly percent: number | undefined;
      readonly end: 'released' | 'stopped';
    };

/** How a job ended, to those who wait for it. */
export interface JobEnd {
  readonly id: number;
  readonly end: Outcome['kind'];
  /** Why it failed; of one that was removed, why data that were to be deleted were not. */
  readonly failure: Failure | undefined;
}

/** What a person is told, as data. */
export type Diagnostic =
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly file: string;
      readonly failure: Failure;
    }
  | {
      readonly kind: 'warning';
      readonly id?: number;
      readonly file?: string;
      /** What was asked of the job, and could not be done. */
      readonly command?: 'move' | 'verify' | 'announce';
      readonly failure: Failure;
    }
  /** An instruction that could not be carried out, though no job failed by it: what was asked, and of which job. */
  | {
      readonly kind: 'refused';
      readonly id?: number;
      readonly command?: JobCommand['kind'];
      readonly failure: Failure;
    }
  | { readonly kind: 'not-understood'; readonly line: string }
  | ({ readonly kind: 'published'; readonly id: number; readonly file: string } & Publication)
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly file: string;
      readonly contentPath: string;
    }
  | {
      readonly kind: 'moved';
      readonly id: number;
      readonly file: string;
      readonly contentPath: string;
    }
  | {
      readonly kind: 'verified';
      readonly id: number;
      readonly file: string;
      /** They are fetched again. */
      readonly missingBytes: number;
    }
  | { readonly kind: 'announced'; readonly id: number; readonly file: string }
  | { readonly kind: 'removed'; readonly id: number; readonly file: string };
