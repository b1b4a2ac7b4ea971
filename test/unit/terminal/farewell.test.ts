import { describe, expect, it } from 'vitest';
import { farewellLines } from '../../../src/terminal/farewell.js';

describe('the farewell', () => {
  it('is silent where all is done', () => {
    expect(farewellLines({ downloads: 0, seeds: 0 }, undefined)).toEqual([]);
  });

  it('says what is unfinished, and that the same command goes on with it', () => {
    expect(farewellLines({ downloads: 2, seeds: 1 }, undefined)).toEqual([
      '2 downloads unfinished, 1 file not yet published; the same command, in the same folder, goes on where this one stopped',
    ]);
  });

  it('names the session that brings them back', () => {
    expect(farewellLines({ downloads: 1, seeds: 0 }, 'work')).toEqual([
      '1 download unfinished; the next helper with --session work goes on from there',
    ]);
  });
});
