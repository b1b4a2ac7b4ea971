// The end: every helper is killed once more and comes back with its session, nothing is missing, and all of them stop when
// they are told to.
import type { SoakOptions } from './parse-options.js';
import type { FullScene } from './scene.js';

export async function shutDown(scene: FullScene, options: SoakOptions): Promise<void> {
  const { helpers, slots, crowd, journal } = scene;
  const isKilled = options.with.has('kill');
  if (isKilled) {
    await Promise.all(
      helpers.map((helper) => {
        journal.count('helper killed (SIGKILL) and started again with its session', helper.name);
        return helper.killAndRestart();
      }),
    );
  }
  for (const slot of slots) await slot.check();
  await crowd.check();
  for (const helper of helpers) {
    const code = await helper.stop();
    // Jobs that had to fail are told by the code 3; in their last life there were none.
    const expected = isKilled ? [0] : [0, 3];
    if (!expected.some((each) => each === code)) {
      journal.complain(`${helper.name}: told to stop, it ended with ${code}`);
    }
  }
}
