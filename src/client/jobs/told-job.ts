// What is known of a job that a client has, as it was told last.
import type { JobKind, JobState } from '../../../machines/types.js';
import type { HelperError } from '../../errors.js';
import type { RemoteFacts } from '../wire/read-facts.js';

export abstract class ToldJob {
  abstract readonly id: number | undefined;
  /** As a line of progress has it, so -1 and -2, too. They only ever rise, also where another helper begins again. */
  protected highest = -2;

  constructor(
    readonly key: string | undefined,
    protected facts: RemoteFacts,
  ) {}

  get percent(): number | undefined {
    return this.highest < 0 ? undefined : this.highest;
  }

  get kind(): JobKind {
    return this.facts.kind;
  }

  get file() {
    const { kind, name, file } = this.facts;
    return kind === 'download' ? (name ?? file) : file;
  }

  get state(): JobState {
    return this.facts.state;
  }

  get name() {
    return this.facts.name;
  }

  get infoHash() {
    return this.facts.infoHash;
  }

  get lengthBytes() {
    return this.facts.lengthBytes;
  }

  get pieceLengthBytes() {
    return this.facts.pieceLengthBytes;
  }

  get pieceCount() {
    return this.facts.pieceCount;
  }

  get fileCount() {
    return this.facts.fileCount;
  }

  get isPrivate() {
    return this.facts.isPrivate;
  }

  get contentPath() {
    return this.facts.contentPath;
  }

  get torrentFile() {
    return this.facts.torrentFile;
  }

  get magnetUri() {
    return this.facts.magnetUri;
  }

  get addedMs() {
    return this.facts.addedMs;
  }

  get doneMs() {
    return this.facts.doneMs;
  }

  get error(): HelperError | undefined {
    return this.facts.error;
  }

  toJSON() {
    const { key, id, file, percent } = this;
    const { error, ...facts } = this.facts;
    const why = error && { code: error.code, message: error.message };
    return { key, id, ...facts, file, percent, error: why };
  }
}
