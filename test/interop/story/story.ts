// What every story needs: a folder of its own, the programs it runs, and waiting with a deadline. When a story fails,
// the error tells what each program said last.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'vitest';
import type { Need } from '../../support/network/need.js';
import { type StoryProgram, startProgram } from './story-program.js';

const pollIntervalMs = 25;
const deadlineMs = 40_000;
const linesTold = 15;

export interface Story {
  /** A path in the story's folder. */
  path(...names: readonly string[]): string;
  newFolder(name: string): Promise<string>;
  /** Runs a program until the story ends. `command` is the program and its arguments. */
  start(name: string, command: readonly string[]): StoryProgram;
  /** Resolves with what `look` finds, as soon as that is not undefined. Rejects if a program fails meanwhile. */
  until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T>;
}

type Tell = (title: string, body: (told: { readonly story: Story }) => Promise<void>) => void;

const storyTest = test.extend<{ readonly story: Story }>({
  // vitest reads what a fixture needs from its pattern; this one needs nothing.
  // biome-ignore lint/correctness/noEmptyPattern: see above
  story: async ({}, use) => {
    const story = new OpenStory(await mkdtemp(join(tmpdir(), 'interop-')));
    await use(story);
    await story.close();
  },
});

/** A test with a story, beside others of its file; a skipped one whose title says why, if a need is not met. */
export function storyWith(...needs: readonly Need[]): Tell {
  const reasons = needs.filter(({ isMet }) => !isMet).map(({ otherwise }) => otherwise);
  return reasons.length === 0
    ? (title, body) => storyTest.concurrent(title, body)
    : (title, body) => storyTest.skip(`${title} (skipped: ${reasons.join(', ')})`, body);
}

class OpenStory implements Story {
  readonly #folder: string;
  readonly #programs: StoryProgram[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(...names: readonly string[]): string {
    return join(this.#folder, ...names);
  }

  async newFolder(name: string): Promise<string> {
    await mkdir(this.path(name));
    return this.path(name);
  }

  start(name: string, command: readonly string[]): StoryProgram {
    const started = startProgram(name, command, this.#folder);
    this.#programs.push(started);
    return started;
  }

  async until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const giveUpAt = Date.now() + deadlineMs;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      const failed = this.#programs.find(
        ({ exitCode }) => exitCode !== undefined && exitCode !== 0,
      );
      if (failed !== undefined) throw this.#failure(`${failed.name} ended before: ${what}`);
      if (Date.now() > giveUpAt) throw this.#failure(`not within ${deadlineMs / 1000} s: ${what}`);
      await delay(pollIntervalMs);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#programs.map((each) => each.stop()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #failure(what: string): Error {
    const said = this.#programs.map(({ name, exitCode, lines, errorLines }) => {
      const last = [...lines.slice(-linesTold), ...errorLines.slice(-linesTold)];
      const end = exitCode === undefined ? '' : ` (ended with ${exitCode})`;
      return [`--- ${name}${end}`, ...last].join('\n');
    });
    return new Error([what, ...said].join('\n'));
  }
}
