import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  areParamsOf,
  isChanging,
  isMethod,
  paramsFlaw,
} from '../../../src/dialect/checks/check-params.js';
import { checked } from '../../../src/dialect/schema/checked.js';
import compiled from '../../../src/dialect/schema/checked.js?checks';
import { methods } from '../../../src/dialect/schema/methods.js';
import { nearSchema, type PlainSchema } from '../../support/dialect/near-schema.js';

const ajv = new Ajv2020({ strict: true, strictTypes: false });
const plain = (schema: unknown): PlainSchema => JSON.parse(JSON.stringify(schema));

describe('what comes in', () => {
  it.each(Object.entries(checked))('is taken and refused as ajv does: %s', (name, schema) => {
    const validate = ajv.compile(plain(schema));
    const check = compiled[name]?.check;
    const counts = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(nearSchema(plain(schema)), (value) => {
        const isTaken = check?.(value);
        expect(isTaken).toBe(validate(value));
        counts[isTaken ? 'taken' : 'refused'] += 1;
      }),
      { numRuns: 400 },
    );
    expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(10);
  });

  it.each(Object.entries(checked))(
    'is told what is wrong with it, wherever something is: %s',
    (name, schema) => {
      const flaw = (value: unknown) => paramsFlaw(isMethod(name) ? name : '$/cancel', value);
      fc.assert(
        fc.property(nearSchema(plain(schema)), (value) => {
          const isWrong = !compiled[name]?.check(value);
          expect(flaw(value) !== 'expected something else').toBe(isWrong);
        }),
      );
    },
  );

  it('is named where it is wrong', () => {
    expect(paramsFlaw('job.get', {})).toBe('expected id');
    expect(paramsFlaw('job.get', { id: 0 })).toBe('id: expected an integer of at least 1');
    expect(paramsFlaw('job.get', { id: 1, ids: [1] })).toBe('there is no "ids"; expected id');
    expect(paramsFlaw('job.get', [1])).toBe('expected an object');
    expect(paramsFlaw('helper.stats', { all: true })).toBe('there is no "all"; expected nothing');
    expect(paramsFlaw('job.fetch', {})).toBe('expected source, or metainfo');
    expect(paramsFlaw('job.fetch', { source: 'a', key: '' })).toBe(
      'key: expected a string of 1 to 128 characters',
    );
    expect(paramsFlaw('job.publish', { path: 'a\0b' })).toBe(
      'path: expected a string that is not empty, without a NUL',
    );
    expect(paramsFlaw('events.listen', { everyMs: 1 })).toBe(
      'everyMs: expected an integer from 100 to 3600000',
    );
  });

  it('may have a name in a megabyte of base64', () => {
    const metainfo = 'A'.repeat(2 ** 20);
    expect(areParamsOf('job.fetch', { metainfo })).toBe(true);
    expect(areParamsOf('job.fetch', { metainfo: `${metainfo}!` })).toBe(false);
  });
});

describe('methods', () => {
  it('are those of the schema', () => {
    expect(Object.keys(methods).every(isMethod)).toBe(true);
    expect(['$/cancel', 'toString', '__proto__', ''].some(isMethod)).toBe(false);
  });

  it('say whether they change anything', () => {
    expect(isChanging('job.remove')).toBe(true);
    expect(isChanging('job.list')).toBe(false);
  });
});
