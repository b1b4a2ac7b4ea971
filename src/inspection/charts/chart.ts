// A machine as it is drawn: its states and transitions as they are declared, and where they lie on paper. Made of the machines when
// the package is built (scripts/charts), because what lays them out is large and not ours to ship.

export interface Chart {
  /** The id of the machine. */
  readonly machine: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  /** Parents before their children, in the order of the machine. The first is the machine itself. */
  readonly states: readonly ChartState[];
  /** In the order of the machine: of one state and event, the first whose guard holds is taken. */
  readonly transitions: readonly ChartTransition[];
  readonly edges: readonly ChartEdge[];
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface ChartState extends Box {
  /** `torrent.active.joined` */
  readonly id: string;
  readonly key: string;
  /** Undefined: the machine itself. */
  readonly parent?: string | undefined;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly description: string;
  /** The child it begins with. */
  readonly initial?: string | undefined;
  /** Actions with what they are given, if that is short: `enter(seeding)`. */
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly invokes: readonly { readonly id: string; readonly src: string }[];
  /** What stands in the box, line by line; places are on the same paper as the box's. */
  readonly lines: readonly ChartLine[];
}

/** A line of text; `y` is its baseline. */
export interface ChartLine extends Point {
  readonly text: string;
  readonly width: number;
  readonly kind: 'name' | 'action' | 'invoke' | 'transition';
  /** Its id. A transition is written once: at its edge, or in the box of its state. */
  readonly transition?: string | undefined;
}

export interface ChartTransition {
  /** As src/inspection/charts/transition-id.ts writes it. */
  readonly id: string;
  /** The id of the state that it belongs to. */
  readonly source: string;
  /** As XState has it: `swarm.failed`, `xstate.done.actor.0.torrent.active.making`, `` for one that is taken at once. */
  readonly event: string;
  /** As a reader has it: `swarm.failed`, `done`, `after giveUp`, `at once`. */
  readonly eventName: string;
  readonly guard?: string | undefined;
  readonly actions: readonly string[];
  readonly targets: readonly string[];
  readonly isReentering: boolean;
}

/**
 * One arrow for all the transitions from one state to another beside it, or from within the one to within the other; or from the lines
 * of a state to what it holds.
 */
export interface ChartEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** The ids of all transitions that go this way. */
  readonly transitions: readonly string[];
  /** From its source to its target; the arrow's head is at the last. */
  readonly points: readonly Point[];
  readonly label?: Box | undefined;
  /** Of the transitions that are written at it. The others are written in the boxes of their states. */
  readonly lines: readonly ChartLine[];
}
