// That what the page writes can be read: of every colour of letters, how it stands out from what it is written on.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

type Rgb = readonly number[];

const page = join(import.meta.dirname, '../../../../src/inspection/page');
const css = ['page.css', 'chart/drawing/drawing.css']
  .map((file) => readFileSync(join(page, file), 'utf8'))
  .join('');

/** By their names, in one of the two themes. */
function coloursOf(theme: 1 | 2): ReadonlyMap<string, Rgb> {
  const declared = css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g);
  return new Map([...declared].map((match) => [match[1] ?? '', rgb(match[1 + theme] ?? '')]));
}

function rgb(hex: string): Rgb {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

/** As `color-mix(in srgb, …)`. */
function mixed(one: Rgb, part: number, other: Rgb): Rgb {
  return one.map((value, at) => value * part + (other[at] ?? 0) * (1 - part));
}

/** As the Web Content Accessibility Guidelines reckon it: 4.5 and more can be read. */
function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

it.each([
  ['light', 1],
  ['dark', 2],
] as const)('writes nothing that cannot be read, in the %s theme', (_, theme) => {
  const colours = coloursOf(theme);
  const of = (name: string) => colours.get(name) ?? [];
  const [panel, ground, text] = [of('panel'), of('ground'), of('text')];
  const grounds = [panel, ground, of('active-ground'), mixed(of('quiet'), 0.17, panel)];
  const tones = ['text', 'quiet', 'active', 'flash', 'good', 'bad', 'waiting'];
  const heats = ['heat-1', 'heat-2', 'heat-3', 'heat-4'];
  const onGrounds = tones.flatMap((tone) =>
    // The last is that of a chip.
    [...grounds, mixed(of(tone), 0.12, panel)].map((on) => ({ tone, is: contrast(of(tone), on) })),
  );
  const onBoxes = heats.map((tone) => {
    const box = mixed(text, 0.06, panel);
    return { tone, is: contrast(of(tone), mixed(of(tone), 0.14, box)) };
  });
  const unread = [...onGrounds, ...onBoxes].filter(({ is }) => !(is >= 4.5));
  expect(unread).toEqual([]);
});
