// Completion for bash, 3.2 (that of macOS) and newer, without the package bash-completion. Where nothing is offered readline
// offers files, and knows how to quote them. Bash takes `:` and `=` for the ends of words, so that what stands behind
// `file:` is a word of its own.
import { commandTable, optionsOf } from '../arguments/command-table.js';
import { type OptionRow, optionTable, questions } from '../arguments/option-table.js';
import { instructionPrefixes } from '../arguments/told-tables.js';
import { type Offer, operandOffer, quoted, valueOffer } from './offers.js';

export function bashCompletion(): string {
  const names = commandTable.map(({ name }) => name);
  const withValue = optionTable.filter((option) => valueOffer(option) !== undefined);
  return `# What bash completes of bittorrent-helper. In ~/.bashrc:
#     eval "$(bittorrent-helper completion bash)"
_bittorrent_helper_offer() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$@" -- "$current")
}

_bittorrent_helper() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local before=\${COMP_WORDS[COMP_CWORD > 1 ? COMP_CWORD-2 : 0]} command= word skip=
  case $current in =|:) before=$previous previous=$current current= ;; esac
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ -n $skip ]]; then
      # The value of an option may stand behind a =, which is a word of its own.
      [[ $word == = ]] || skip=
      continue
    fi
    case $word in
      ${withValue.map(flagOnly).join('|')}) skip=1 ;;
      -*|=) ;;
      *) command=$word; break ;;
    esac
  done
  [[ $previous == = ]] && previous=$before
  case $previous in
    :) return ;;
${withValue.map((option) => `    ${flagOnly(option)}) ${offered(valueOffer(option))}; return ;;`).join('\n')}
  esac
  case $command in
${commandTable.map((row) => commandCase(row.name, optionsOf(row), operandOffer(row))).join('\n')}
    *)
      if [[ $current == -* ]]; then
        ${offered(flags(optionTable))}
      else
        ${offered({ kind: 'words', words: instructionPrefixes })}
        [[ \${#COMPREPLY[@]} == 1 ]] && compopt -o nospace 2>/dev/null
        [[ -n $command ]] || ${offered({ kind: 'words', words: names })}
      fi ;;
  esac
}
complete -o default -F _bittorrent_helper bittorrent-helper
`;
}

function commandCase(name: string, options: readonly OptionRow[], operands: Offer): string {
  return `    ${name})
      if [[ $current == -* ]]; then
        ${offered(flags(options))}
      else
        ${offered(operands)}
      fi ;;`;
}

function flagOnly({ name }: { readonly name: string }): string {
  return `--${name}`;
}

function flags(options: readonly OptionRow[]): Offer {
  return { kind: 'words', words: [...options, ...questions].map(flagOnly) };
}

function offered(offer: Offer | undefined): string {
  switch (offer?.kind) {
    case 'folders':
      return 'compopt -o filenames 2>/dev/null; _bittorrent_helper_offer -d';
    case 'words':
      return `_bittorrent_helper_offer -W ${quoted(offer.words.join(' '))}`;
    case 'nothing':
      return 'compopt +o default 2>/dev/null';
    default:
      return ':';
  }
}
