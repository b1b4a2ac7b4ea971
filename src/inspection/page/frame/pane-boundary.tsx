// What goes wrong while a pane is drawn stays in that pane: recordings come from strangers, and one odd record must not take the page.
import { Component, type ComponentChildren } from 'preact';

export interface PaneBoundaryProps {
  /** The pane's own class, as it says where it lies. */
  readonly class: string;
  /** Who is looked at: of another it may well be drawn. */
  readonly of: number | undefined;
  readonly children: ComponentChildren;
}

interface Outcome {
  readonly error?: unknown;
}

export class PaneBoundary extends Component<PaneBoundaryProps, Outcome> {
  static override getDerivedStateFromError(error: unknown): Outcome {
    return { error };
  }

  override componentDidUpdate(before: PaneBoundaryProps): void {
    const isOther = before.of !== this.props.of;
    if (isOther && this.state.error !== undefined) this.setState({ error: undefined });
  }

  override render({ class: pane, children }: PaneBoundaryProps, { error }: Outcome) {
    if (error === undefined) return children;
    return (
      <div class={`${pane} pane-error`} role="alert">
        <p>This cannot be drawn: {error instanceof Error ? error.message : String(error)}</p>
        <button type="button" onClick={() => this.setState({ error: undefined })}>
          try again
        </button>
      </div>
    );
  }
}
