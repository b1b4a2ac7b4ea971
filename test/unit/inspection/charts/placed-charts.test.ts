import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as machines from '../../../../machines/index.js';
import { declaredIn } from '../../../../scripts/charts/declared.mjs';
import { keptCharts } from '../../../../scripts/charts/kept-charts.mjs';
import type { Box, Chart, ChartLine, Point } from '../../../../src/inspection/charts/chart.js';

const root = join(import.meta.dirname, '../../../..');
const charts: readonly Chart[] = JSON.parse(await keptCharts(root));

const pairs = <Item>(items: readonly Item[]) =>
  items.flatMap((one, index) => items.slice(index + 1).map((other) => [one, other] as const));

const overlaps = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const isInside = (inner: Box, outer: Box) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** What a line covers. */
const inkOf = ({ x, y, width, kind }: ChartLine): Box =>
  kind === 'name' ? { x, y: y - 11, width, height: 14 } : { x, y: y - 9, width, height: 11 };

const strokesOf = (points: readonly Point[]): Box[] =>
  points.slice(1).map(({ x, y }, index) => {
    const from = points[index] ?? { x, y };
    return {
      x: Math.min(from.x, x),
      y: Math.min(from.y, y),
      width: Math.abs(from.x - x),
      height: Math.abs(from.y - y),
    };
  });

it('has a chart of every machine', () => {
  const ids = Object.values(machines).flatMap((machine) =>
    typeof machine === 'object' && 'root' in machine ? [machine.root.id] : [],
  );
  expect(charts.map(({ machine }) => machine).sort()).toEqual(ids.sort());
});

describe.each(charts)('the chart of $machine', ({ states, transitions, edges, ...chart }) => {
  const boxes = new Map(states.map((state) => [state.id, state]));
  const isWithin = (inner: string, outer: string) => inner.startsWith(`${outer}.`);
  const inks = [...states, ...edges].flatMap(({ id, lines }) =>
    lines.map((line) => ({ id, text: line.text, ...inkOf(line) })),
  );

  it('writes every transition once, and leads each that has a target along an arrow', () => {
    const written = [...states, ...edges].flatMap(({ lines }) =>
      lines.flatMap(({ transition }) => transition ?? []),
    );
    expect(written.sort()).toEqual(transitions.map(({ id }) => id).sort());
    const drawn = new Set(edges.flatMap((edge) => edge.transitions));
    const ledTo = new Set(edges.map(({ target }) => target));
    for (const { id, source, targets } of transitions) {
      // The machine's own lead from anywhere; and what a state takes to be entered anew stays where it is.
      const [target] = targets;
      if (target === undefined || target === source) continue;
      expect(drawn.has(id) || (source === chart.machine && ledTo.has(target)), id).toBe(true);
    }
  });

  it('has its states within those that hold them, and beside each other', () => {
    for (const { id, parent, ...box } of states) {
      const outer = parent === undefined ? { x: 0, y: 0, ...chart } : boxes.get(parent);
      expect(outer && isInside(box, outer), id).toBe(true);
    }
    for (const [one, other] of pairs(states)) {
      if (isWithin(one.id, other.id) || isWithin(other.id, one.id)) continue;
      expect(overlaps(one, other), `${one.id} and ${other.id}`).toBe(false);
    }
  });

  it('has no word upon another, or across a state’s border', () => {
    const wrong = [
      ...pairs(inks).filter(([one, other]) => overlaps(one, other)),
      ...states.flatMap(({ id, lines, ...box }) => {
        const inner = states.filter((state) => isWithin(state.id, id));
        return lines.filter((line) => {
          const ink = inkOf(line);
          return !isInside(ink, box) || inner.some((state) => overlaps(ink, state));
        });
      }),
      ...edges.filter(({ source, label }) =>
        states.some(({ id, ...box }) => label && !isWithin(source, id) && overlaps(label, box)),
      ),
    ];
    expect(wrong).toEqual([]);
  });

  it('has no arrow through a word, or through a state that it does not lead to', () => {
    const wrong = edges.flatMap(({ id, points, source, target }) => {
      const others = states.filter(
        (state) => ![source, target].some((end) => end === state.id || isWithin(end, state.id)),
      );
      return strokesOf(points).flatMap((stroke) =>
        [...inks, ...others].flatMap((other) => (overlaps(stroke, other) ? [[id, other]] : [])),
      );
    });
    expect(wrong).toEqual([]);
  });
});

it('knows an arrow’s and a guard’s name as the machine has it', () => {
  const torrent = charts.find(({ machine }) => machine === 'torrent');
  const named = new Map(torrent?.transitions.map(({ id, ...rest }) => [id, rest]));
  expect(named.get('torrent.active.joined|swarm.failed|0')).toMatchObject({
    event: 'swarm.failed',
    guard: 'mayPass',
    actions: ['reportRefusal'],
    targets: ['torrent.paused.waitingForDisk'],
  });
  expect(declaredIn(machines.torrentMachine).transitions).toHaveLength(named.size);
});

it('is what the package has: the charts, and nothing of what lays them out', async () => {
  const dist = join(root, 'dist');
  expect(JSON.parse(await readFile(join(dist, 'inspector/charts.json'), 'utf8'))).toEqual(charts);
  // It names whatever is bundled.
  const notices = await readFile(join(dist, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  expect(notices).toContain('preact');
  expect(notices).not.toMatch(/\belk/i);
});
