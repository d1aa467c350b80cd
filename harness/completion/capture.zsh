# What zsh offers when Tab is pressed: an interactive zsh on a terminal of its own, in which compadd says what it adds.
# Arguments: the completion script, the line.
zmodload zsh/zpty || exit 3
zpty z zsh -f -i
typeset out
run() { zpty -w z "$1"; zpty -r -m z out '*READY*' || exit 4 }
zpty -w z "PROMPT= RPROMPT= PS2=; unsetopt zle_bracketed_paste 2>/dev/null; stty -echo; print REA''DY"
zpty -r -m z out '*READY*' || exit 4
run "autoload -Uz compinit && compinit -D -u && source ${(q)1} && print REA''DY"
run 'compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
  local -a hits; builtin compadd -A hits "$@"; local hit
  for hit in $hits; do print -r -- "HIT<$hit>"; done
  builtin compadd "$@"
}; print REA'"''"'DY'
run 'ended() { print DO'"''"'NE; exit }; comppostfuncs=(ended); LISTMAX=0; print REA'"''"'DY'
zpty -w -n z "$2"$'\t'
zpty -r -m z out '*DONE*'
print -r -- "$out" | tr -d '\r' | grep -o 'HIT<[^>]*>' | sed 's/^HIT<//; s/>$//' | sort -u
zpty -d z 2>/dev/null
exit 0
