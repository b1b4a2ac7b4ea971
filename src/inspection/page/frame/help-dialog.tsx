// What the keys do, all of them in one place.
import type { RefObject } from 'preact';

const groups: readonly (readonly [where: string, keys: readonly (readonly [string, string])[]])[] =
  [
    [
      'Anywhere',
      [
        ['/', 'filter the actors'],
        ['v', 'the chart, or the swarm'],
        ['t', 'copy the way to here as a test'],
        ['?', 'this help'],
      ],
    ],
    [
      'In time',
      [
        ['← →', 'an event back, forth'],
        ['Shift ← →', 'the same, of the chosen actor'],
        ['Home End', 'the first event, the last'],
        ['Space', 'pause, or follow'],
      ],
    ],
    [
      'In the tree',
      [
        ['↑ ↓', 'the actor above, below'],
        ['← →', 'fold, unfold'],
        ['Enter', 'fold or unfold'],
        ['Home End', 'the first actor, the last'],
      ],
    ],
    [
      'In the filter',
      [
        ['job-12 iso', 'words of name, file and state'],
        ['state:seeding', 'those in that state'],
        ['machine:torrent', 'those of that machine'],
        ['Esc', 'everybody again'],
      ],
    ],
    [
      'In the chart',
      [
        ['drag, ← ↑ ↓ →', 'move it'],
        ['wheel, + −', 'larger, smaller'],
        ['0', 'all of it'],
        ['f', 'keep the active states in sight'],
      ],
    ],
  ];

export function HelpDialog({ dialog }: { readonly dialog: RefObject<HTMLDialogElement | null> }) {
  return (
    <dialog ref={dialog} class="help" aria-label="what the keys do">
      <form method="dialog">
        {groups.map(([where, keys]) => (
          <section key={where}>
            <h2>{where}</h2>
            <dl>
              {keys.map(([key, what]) => (
                <div key={key}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <button type="submit">close</button>
      </form>
    </dialog>
  );
}
