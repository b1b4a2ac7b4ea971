// A line for people, as stderr has it, on its way above a picture: without the program's name, which is on the screen
// already, a failure and a warning in its colour, and a magnet link on a line of its own, so that it is easily copied.
import { type Look, paint } from './frame/look.js';

const programName = /^bittorrent-helper: /;
const published = /^(job \d+ \(.*\): published: .*) [0-9a-f]{40} (magnet:\S+)$/;

export function lineAbove(line: string, look: Look): readonly string[] {
  const text = line.replace(/\n$/, '').replace(programName, '');
  const [, what, link] = published.exec(text) ?? [];
  if (what !== undefined && link !== undefined) return [paint(look, 'good', what), link];
  // Names come first, in brackets; what follows the last of them is ours.
  if (/^job \d+ (\(.*\): )?failed: [A-Z_]+: |^refused: |^[A-Z_]+: /.test(text)) {
    return [paint(look, 'bad', text)];
  }
  if (/^job \d+ (\(.*\): )?warning: [A-Z_]+: |^warning: /.test(text)) {
    return [paint(look, 'careful', text)];
  }
  return [text];
}
