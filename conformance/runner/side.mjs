// One side of a conversation as a transcript deals with it, and the steps that are the same for all of them.
import { patienceMs } from './lines.mjs';
import { fill, match } from './match.mjs';

/**
 * Carries out one step.
 * @param {Side} side
 * @param {Record<string, any>} given
 * @param {Map<string, unknown>} captured
 */
export async function act(side, given, captured) {
  const { on: _, times = 1, from = 1, ...step } = given;
  const [verb] = Object.keys(step);
  const value = step[verb];
  const verbs = {
    async send() {
      for (let n = from; n < from + times; n += 1) {
        const message = fill(value, new Map([...captured, ['n', n]]));
        const written = side.say(`${JSON.stringify(message)}\n`);
        if (times === 1) await written;
      }
    },
    line: () => side.say(`${fill(value, captured)}\n`),
    /** Without a line end. */
    text: () => side.say(fill(value, captured)),
    long: () => side.say(`${'x'.repeat(value)}\n`),
    pad: () => side.say((step.with ?? 'x').repeat(value)),
    /** In base64: what need be no text. */
    bytes: () => side.lines.write(Buffer.from(value, 'base64')),
    /** `strictly`: nothing else comes before. */
    expect: () => side.expect(Array.isArray(value) ? value : [value], captured, step.strictly),
    async answers() {
      for (let count = 0; count < value; count += 1) await side.expect([step.like], captured);
    },
    reading: () => side.setReading(value),
    end: () => side.end(),
    kill: () => side.kill(value),
    exit: () => side.exit(value),
    closed: () => side.finish(),
  };
  if (!Object.hasOwn(verbs, verb)) throw new Error(`there is no step ${verb}`);
  await verbs[verb]();
}

export class Side {
  /** The lines seen last. */
  #seen = [];

  constructor(lines, rules, ending) {
    this.lines = lines;
    this.rules = rules;
    this.ending = ending;
  }

  #half = '';

  say(text) {
    const lines = `${this.#half}${text}`.split('\n');
    this.#half = lines.pop() ?? '';
    for (const line of lines) this.rules.asks(line);
    return this.lines.write(text);
  }

  /** What was said last counts without a line end, too. */
  end() {
    this.rules.asks(this.#half);
    this.lines.output.end();
  }

  /** In any order; notifications that none of them is like are passed over. */
  async expect(patterns, captured, isStrict = false) {
    const open = [...patterns];
    while (open.length > 0) {
      const message = await this.next(JSON.stringify(open));
      if (message === undefined)
        throw new Error(`nothing follows, expected ${JSON.stringify(open)}`);
      const index = open.findIndex((pattern) => {
        const found = match(pattern, message, captured);
        for (const [name, value] of found ?? []) captured.set(name, value);
        return found !== undefined;
      });
      if (index >= 0) open.splice(index, 1);
      else if (isStrict || !('method' in message)) {
        throw new Error(`unexpected ${JSON.stringify(message)}, expected ${JSON.stringify(open)}`);
      }
    }
  }

  setReading(isReading) {
    if (isReading) this.lines.input.resume();
    else this.lines.input.pause();
  }

  async kill(signal) {
    await this.ending.kill(signal);
  }

  async exit(code) {
    await withPatience(
      this.ending.exit(code, () => this.finish()),
      'the exit',
    );
    const { unanswered } = this.rules;
    if (unanswered.length > 0) throw new Error(`never answered: ${JSON.stringify(unanswered)}`);
  }

  /** Reads to the end. */
  async finish() {
    while ((await this.next('the end')) !== undefined);
    if (this.lines.unended.length > 0) throw new Error('the last line has no end');
  }

  destroy() {
    return this.ending.destroy();
  }

  describe() {
    const shown = this.#seen.map((line) => `  ← ${line.slice(0, 400)}\n`).join('');
    return `\n${shown}${this.ending.describe()}`;
  }

  /** Undefined: nothing follows. */
  async next(what) {
    const line = await this.lines.next(what);
    if (line === undefined) return undefined;
    this.#seen = [...this.#seen, line].slice(-8);
    return this.rules.read(line);
  }
}

async function withPatience(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`waited ${patienceMs / 1_000} s for ${what}`)),
      patienceMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
