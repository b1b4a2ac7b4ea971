// The places of a document that hold a statechart: `<!-- statechart: torrent -->` … `<!-- end -->`.
import { statechartDiagram } from './statechart-diagram.mjs';

/** The document with each of its statecharts as the machine of that name is now. */
export function withStatecharts(text, machines) {
  return text.replace(
    /(<!-- statechart: (\w+) -->\n).*?(<!-- end -->)/gs,
    (_, begin, name, end) =>
      `${begin}\`\`\`mermaid\n${statechartDiagram(machines[`${name}Machine`])}\n\`\`\`\n${end}`,
  );
}
