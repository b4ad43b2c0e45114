"""What a shell runs to complete a word, and what it is told: words as they are typed there, and what they mean."""

from __future__ import annotations

import os
import re

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

VARIABLE = "_SUITE_COMPLETE"
"""Set where a shell asks; it names the shell."""
_BREAKS = ":="
"""Where bash begins another word, which is not quoted."""
_SAFE = re.compile(r"[\w./:=,@%+-]")
_BASH = r"""%(complete_func)s() {
    local word
    COMPREPLY=()
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" %(complete_var)s=bash_complete "$1" 2>/dev/null)
    # A folder, and what takes something more, has no blank after it.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/:=] ]]; then
        compopt -o nospace
    fi
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""
_ZSH = r"""#compdef %(prog_name)s
%(complete_func)s() {
    local word told
    local -a whole begun whole_told begun_told list
    while IFS=$'\t' read -r word told; do
        # A folder, and what takes something more, has no blank after it.
        if [[ $word == *[/:=] ]]; then
            begun+=("$word") begun_told+=("$word${told:+  -- $told}")
        else
            whole+=("$word") whole_told+=("$word${told:+  -- $told}")
        fi
        [[ -n $told ]] && list=(-l)
    done < <(COMP_LINE="${(j: :)words[1,CURRENT-1]} $PREFIX" %(complete_var)s=zsh_complete "${words[1]}" 2>/dev/null)
    (( $#whole )) && compadd -U -V %(prog_name)s $list -d whole_told -a whole
    (( $#begun )) && compadd -U -V %(prog_name)s $list -S '' -d begun_told -a begun
    (( $#whole + $#begun ))
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef %(complete_func)s %(prog_name)s
fi
"""
_FISH = r"""function %(complete_func)s
    set -lx COMP_LINE (commandline -cp | string collect)
    set -lx %(complete_var)s fish_complete
    %(prog_name)s 2>/dev/null
end
complete --no-files --keep-order --command %(prog_name)s --arguments '(%(complete_func)s)'
"""


def split(line: str) -> tuple[list[str], str, str]:
    """Split a line as shells do: the whole words, the last one without its quotes, and the last one as typed.

    The last word is what stands before the cursor, and is empty after a blank; its quote may be open.
    """
    words: list[str] = []
    word, begun, quote, i = "", -1, "", 0
    while i < len(line):
        character = line[i]
        if not quote and character.isspace():
            if begun >= 0:
                words.append(word)
            word, begun = "", -1
        else:
            begun = i if begun < 0 else begun
            if character == quote:
                quote = ""
            elif character in "'\"" and not quote:
                quote = character
            elif character == "\\" and quote != "'" and i + 1 < len(line):
                i += 1
                word += line[i] if not quote or line[i] in '"\\$`\n' else f"\\{line[i]}"
            else:
                word += character
        i += 1
    return words, word, line[begun:] if begun >= 0 else ""


def quoted(word: str, typed: str) -> str:
    """Return what bash should put in the place of what is typed, so that it reads `word`.

    It replaces what follows a colon or an equals sign, unless there are quotes: those that are open stay open.
    """
    opened = _open_quote(typed)
    if opened == "'":
        return word.replace("'", r"'\''")
    if opened == '"':
        return re.sub(r'([\\"$`!])', r"\\\1", word)
    home = "~/" if typed.startswith("~/") and word.startswith("~/") else ""
    plain = home + "".join(c if _SAFE.match(c) else f"\\{c}" for c in word[len(home) :])
    broken = max(map(typed.rfind, _BREAKS)) + 1
    return plain[broken:] if plain.startswith(typed[:broken]) else plain


def _open_quote(typed: str) -> str:
    return typed[0] if typed[:1] in ("'", '"') and typed.count(typed[0]) % 2 else ""


class _Asked(ShellComplete):
    """Takes the line up to the cursor from a shell, and returns a word a line."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is completed, and what is there of it."""
        words, begun, _ = split(self.line)
        return words[1:], begun

    @property
    def line(self) -> str:
        """What stands before the cursor."""
        line = os.fsencode(os.environ.get("COMP_LINE", ""))
        # bash gives all of the line and says, in bytes, where the cursor is.
        point = os.environ.get("COMP_POINT", "") if self.name == "bash" else ""
        return os.fsdecode(line[: int(point)] if point.isdecimal() else line)

    def complete(self) -> str:
        """Return the words, none where something is wrong with the line: nobody reads why."""
        args, begun = self.get_completion_args()
        option = begun[: begun.index("=") + 1] if begun.startswith("-") and "=" in begun else ""
        try:
            found = self.get_completions(args, begun)
        except Exception:
            return ""
        items = [CompletionItem(option + item.value, help=item.help) for item in found]
        # A shell takes what no line can hold for something else.
        return "\n".join(self.format_completion(item) for item in items if item.value.isprintable())

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Return a word with what it means."""
        return f"{item.value}\t{' '.join(item.help.split())}" if item.help else item.value


class Bash(_Asked):
    """bash 4.4 or later."""

    name = "bash"
    source_template = _BASH

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Return what bash puts in the place of the word."""
        return quoted(item.value, split(self.line)[2])


class Zsh(_Asked):
    """zsh, which quotes by itself."""

    name = "zsh"
    source_template = _ZSH


class Fish(_Asked):
    """fish, which quotes by itself."""

    name = "fish"
    source_template = _FISH


SHELLS: dict[str, type[_Asked]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}


def register() -> None:
    """Have click answer shells with these."""
    for one in SHELLS.values():
        add_completion_class(one)


def source(shell: str, command: click.Command) -> str:
    """Return the script for a shell."""
    return SHELLS[shell](command, {}, "suite", VARIABLE).source()
