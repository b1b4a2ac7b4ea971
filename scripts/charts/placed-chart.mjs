// Lays a chart out on paper, from within outwards: elk places the states of each state, and their arrows, as boxes whose insides are
// done. It does so once downwards and once to the right, and what fits a screen better is taken.
import ELK from 'elkjs';
import { blockOf, labelOf, linesIn, linesOn, padding, sizeOf, titleOf } from './boxes.mjs';
import { declaredIn } from './declared.mjs';
import { writtenOf } from './written.mjs';

/** Of the pane that a chart is shown in: its width to its height. */
const screen = 1.32;
const directions = ['DOWN', 'RIGHT'];
const options = {
  'elk.algorithm': 'layered',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.aspectRatio': `${screen}`,
  'elk.spacing.nodeNode': '20',
  'elk.spacing.edgeNode': '12',
  'elk.spacing.edgeEdge': '7',
  'elk.spacing.edgeLabel': '3',
  'elk.spacing.labelLabel': '5',
  'elk.layered.spacing.nodeNodeBetweenLayers': '18',
  'elk.layered.spacing.edgeNodeBetweenLayers': '9',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '7',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.cycleBreaking.strategy': 'GREEDY_MODEL_ORDER',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
};

/**
 * @param {import('xstate').AnyStateMachine} machine
 * @returns {Promise<import('../../src/inspection/charts/chart.js').Chart>}
 */
export async function placedChart(machine) {
  const { states, ...declared } = declaredIn(machine);
  const { boxes, arrows } = writtenOf({ states, ...declared });
  const elk = new ELK();

  /** A few ways to lay out a state, each with its width and height. */
  const waysOf = async (state) => {
    const inside = states.filter(({ parent }) => parent === state.id);
    const lines = boxes.get(state.id);
    if (inside.length === 0) return [{ id: state.id, ...sizeOf(state, lines) }];
    const edges = arrows.filter(({ within }) => within === state.id).map(edgeOf);
    const isBegun = edges.some(({ sources: [source] }) => source === blockOf(state.id));
    const title = titleOf(state, lines, isBegun);
    const ways = [];
    for (const insides of combined(await Promise.all(inside.map(waysOf)))) {
      for (const direction of directions) {
        const graph = {
          id: state.id,
          layoutOptions: {
            ...options,
            'elk.padding': `[top=${title.height},left=${padding},bottom=${padding},right=${padding}]`,
            'elk.direction': direction,
          },
          children: bare(isBegun ? [...title.blocks, ...insides] : insides),
          edges: structuredClone(edges),
        };
        const { width, height, children, edges: routed } = await elk.layout(graph);
        const byId = new Map([...title.blocks, ...insides].map((child) => [child.id, child]));
        ways.push({
          ...{ id: state.id, width: Math.max(width, title.width), height, edges: routed },
          children: [...title.blocks, ...children].map((child) => ({
            ...byId.get(child.id),
            ...child,
          })),
        });
      }
    }
    return state.parent === undefined ? [bestOf(ways)] : worthTrying(ways);
  };
  const [best] = await waysOf(states[0]);

  const paper = onPaper({ ...best, x: 6, y: 6 });
  return {
    ...declared,
    width: Math.ceil(paper.width + 12),
    height: Math.ceil(paper.height + 12),
    states: states.map((state) => {
      const { x, y, width, height } = paper.nodes.get(state.id);
      const lines = linesIn(state, boxes.get(state.id), paper.nodes);
      return { ...state, ...rounded({ x, y, width, height }), lines: lines.map(rounded) };
    }),
    edges: arrows.map(({ source, target, transitions, labels }) => {
      const { id, points, label } = paper.edges.get(arrowId(source, target));
      return {
        ...{ id, source, target, transitions },
        points: points.map(rounded),
        label: label && rounded(label),
        lines: label ? linesOn(label, labels).map(rounded) : [],
      };
    }),
  };
}

/** One way of each. */
function combined([first, ...others]) {
  if (!first) return [[]];
  return combined(others).flatMap((rest) => first.map((way) => [way, ...rest]));
}

/** The smallest three of those that are not larger than another both ways: what they are put into may have room beside or below. */
function worthTrying(ways) {
  const areaOf = ({ width, height }) => width * height;
  return ways
    .filter((way) => !ways.some(({ width, height }) => width <= way.width && height < way.height))
    .sort((a, b) => areaOf(a) - areaOf(b))
    .slice(0, 3);
}

/** What is shown largest on a screen. */
function bestOf(ways) {
  const extentOf = ({ width, height }) => Math.max(width, height * screen);
  return ways.reduce((best, way) => (extentOf(way) < extentOf(best) ? way : best));
}

/** Its inside is done, and no concern of elk's. */
function bare(children) {
  return children.map(({ id, width, height }) => ({ id, width, height }));
}

function edgeOf({ source, target, within, labels }) {
  return {
    id: arrowId(source, target),
    // What leads from a state into itself begins at the lines that say so.
    sources: [source === within ? blockOf(source) : source],
    targets: [target],
    labels: labels.length > 0 ? [labelOf(labels)] : [],
  };
}

function arrowId(source, target) {
  return `${source} → ${target}`;
}

/** Everything by its id, in the coordinates of the paper. */
function onPaper(root) {
  const nodes = new Map();
  const edges = new Map();
  const put = (node) => {
    nodes.set(node.id, node);
    const moved = (place) => ({ ...place, x: place.x + node.x, y: place.y + node.y });
    for (const child of node.children ?? []) put(moved(child));
    for (const { id, sections, labels: [label] = [] } of node.edges ?? []) {
      const [{ startPoint, bendPoints = [], endPoint }] = sections;
      const points = [startPoint, ...bendPoints, endPoint].map(moved);
      edges.set(id, { id, points, label: label && boxOf(moved(label)) });
    }
  };
  put(root);
  return { width: root.width, height: root.height, nodes, edges };
}

function boxOf({ x, y, width, height }) {
  return { x, y, width, height };
}

/** To a tenth of a pixel: it is sent to a browser, which draws no finer. */
function rounded(placed) {
  return Object.fromEntries(
    Object.entries(placed).map(([key, value]) => [
      key,
      typeof value === 'number' ? Math.round(value * 10) / 10 : value,
    ]),
  );
}
