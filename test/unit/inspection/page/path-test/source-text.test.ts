import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  SourceName,
  type SourceValue,
  sourceText,
} from '../../../../../src/inspection/page/path-test/source-text.js';

/** What a program makes of it. */
function read(text: string): unknown {
  return new Function('someone', `return ${text};`)((argument: unknown) => ({ argument }));
}

describe('the source text of plain data', () => {
  it('is read as the same data, whatever that is', () => {
    const { value } = fc.letrec<{ value: SourceValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc
          .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 10 })
          .map((codes) => String.fromCharCode(...codes)),
        fc.constantFrom<SourceValue>(null, true, 'it’s "\'\\\n\u2028`x`', "');//", 0.5, -1),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(
          fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('__proto__', 'a-b', 'ok')),
          tie('value'),
          { maxKeys: 3 },
        ),
      ),
    }));
    fc.assert(
      fc.property(value, (each) => {
        expect(JSON.stringify(read(sourceText(each)))).toBe(JSON.stringify(each));
      }),
      { numRuns: 100 },
    );
  });

  it('looks like what it is: nothing in it turns the order of its letters, or is not seen', () => {
    const turned = 'a\u202Egnp.exe\u2066\u200B\u2028\u009B';
    const text = sourceText({ [turned]: turned });
    expect(text).toMatch(/^[ -~]*$/);
    expect(read(text)).toEqual({ [turned]: turned });
    expect(sourceText('é ש')).toBe("'é ש'");
  });

  it('is one line where that fits, and else a line each', () => {
    expect(sourceText({ a: [1, 'b'], 'c-d': {} })).toBe("{ a: [1, 'b'], 'c-d': {} }");
    const long = 'x'.repeat(60);
    expect(sourceText({ one: [long], two: long }, '  ')).toBe(
      `{\n    one: ['${long}'],\n    two: '${long}',\n  }`,
    );
  });

  it('has a name where there is something else than data', () => {
    const named = { from: new SourceName('someone', { name: 'a' }) };
    expect(sourceText(named)).toBe("{ from: someone({ name: 'a' }) }");
    expect(read(sourceText(named))).toEqual({ from: { argument: { name: 'a' } } });
    expect(sourceText([new SourceName('other')])).toBe('[other]');
  });
});
