// Completion for zsh, by its own _arguments. A word for it is `--name=[what it does]:what is wanted:what offers it`.
import { commandTable, optionsOf } from '../arguments/command-table.js';
import { type OptionRow, optionTable, questions } from '../arguments/option-table.js';
import { instructionTable } from '../arguments/told-tables.js';
import { type Offer, operandOffer, quoted, valueOffer } from './offers.js';

export function zshCompletion(): string {
  const withValue = optionTable.filter((option) => valueOffer(option) !== undefined);
  const instructions = instructionTable.map(([form, meaning]) =>
    described(form.replace(/:.*/, ':'), meaning),
  );
  const commands = commandTable.map(({ name, meaning }) => described(name, meaning));
  return `#compdef bittorrent-helper
# What zsh completes of bittorrent-helper. In a folder of $fpath, by the name _bittorrent-helper; or in ~/.zshrc:
#     eval "$(bittorrent-helper completion zsh)"
_bittorrent_helper() {
  local word command= skip=
  local -i at=1
  for word in "\${(@)words[2,CURRENT-1]}"; do
    at+=1
    if [[ -n $skip ]]; then skip=; continue; fi
    case $word in
      ${withValue.map(({ name }) => `--${name}`).join('|')}) skip=1 ;;
      -*) ;;
      *) command=$word; break ;;
    esac
  done
  case $command in
${commandTable.map((row) => commandCase(row.name, optionsOf(row), operandOffer(row))).join('\n')}
    *)
      _arguments -S \\
${argumentsOf(optionTable)} \\
        '*:instruction:_bittorrent_helper_instruction' ;;
  esac
}

_bittorrent_helper_instruction() {
  if compset -P '(file|torrent):'; then
    _files
    return
  fi
  local -a instructions=(
    ${instructions.join('\n    ')}
  )
  _describe -t instructions instruction instructions -S ''
  [[ -n $command ]] && return
  local -a commands=(
    ${commands.join('\n    ')}
  )
  _describe -t commands command commands
}

if [[ $funcstack[1] == _bittorrent-helper ]]; then
  _bittorrent_helper "$@"
else
  compdef _bittorrent_helper bittorrent-helper
fi
`;
}

/** Its name goes out of the words: what is left are its options and operands. */
function commandCase(name: string, options: readonly OptionRow[], operands: Offer): string {
  return `    ${name})
      words[at]=() CURRENT=$((CURRENT - 1))
      _arguments -S \\
${argumentsOf(options)} \\
        ${quoted(`*:operand:${action(operands)}`)} ;;`;
}

function argumentsOf(options: readonly OptionRow[]): string {
  const specs = options.map((option) => {
    const offer = valueOffer(option);
    const meaning = `[${escaped(option.meaning)}]`;
    // Any of them may come again: some are meant to, and of the others the last counts.
    if (offer === undefined) return `*--${option.name}${meaning}`;
    return `*--${option.name}=${meaning}:${escaped(option.value ?? '')}:${action(offer)}`;
  });
  const asking = questions.flatMap(({ name, short, meaning }) => [
    `-${short}[${meaning}]`,
    `--${name}[${meaning}]`,
  ]);
  return [...specs, ...asking].map((spec) => `        ${quoted(spec)}`).join(' \\\n');
}

function action(offer: Offer): string {
  switch (offer.kind) {
    case 'folders':
      return '_files -/';
    case 'files':
      return '_files';
    case 'words':
      return `(${offer.words.join(' ')})`;
    case 'nothing':
      return ' ';
  }
}

/** For _describe, which takes the first colon that is not escaped for the end of the word. */
function described(word: string, meaning: string): string {
  return quoted(`${word.replaceAll(':', '\\:')}:${meaning}`);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, '\\$&');
}
