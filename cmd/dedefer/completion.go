package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// completionCommand prints a script that completes the command line in a shell.
func (a *app) completionCommand(_ context.Context, args []string) error {
	if len(args) != 1 || completions[args[0]] == nil {
		return usageErrorf("want one of bash, zsh and fish: run 'dedefer help completion'")
	}
	_, err := io.WriteString(a.stdout, completions[args[0]]())
	return err
}

// completions are filled in by init: the commands are among what they complete.
var completions map[string]func() string

func init() {
	completions = map[string]func() string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
}

// A helpFlag is a flag as the help of a command has it.
type helpFlag struct {
	name   string
	values []string // those that there are, for -name a|b; nil for any other
	arg    string   // what follows it, such as DIR; "" where nothing does
}

var flagLine = regexp.MustCompile(`(?m)^\t-(\w+)(?: (\S+))?$`)

// helpFlags returns the flags of a command, from its help.
func helpFlags(c command) (flags []helpFlag) {
	for _, m := range flagLine.FindAllStringSubmatch(c.help(), -1) {
		f := helpFlag{name: m[1], arg: m[2]}
		if strings.Contains(f.arg, "|") {
			f.values = strings.Split(f.arg, "|")
		}
		flags = append(flags, f)
	}
	return flags
}

// commandWords returns the names of all commands.
func commandWords() string {
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
	}
	return strings.Join(append(names, "help"), " ")
}

// eachCommand writes a line for each command, by format: its name, its flags.
func eachCommand(format string) string {
	var b strings.Builder
	for _, c := range commands {
		var flags []string
		for _, f := range helpFlags(c) {
			flags = append(flags, "-"+f.name)
		}
		fmt.Fprintf(&b, format, c.name, strings.Join(flags, " "))
	}
	return b.String()
}

// eachValue writes a line for each flag with fixed values, by format: its name,
// its values.
func eachValue(format string) string {
	var b strings.Builder
	seen := map[string]bool{}
	for _, c := range commands {
		for _, f := range helpFlags(c) {
			if f.values != nil && !seen[f.name] {
				seen[f.name] = true
				fmt.Fprintf(&b, format, f.name, strings.Join(f.values, " "))
			}
		}
	}
	return b.String()
}

func bashCompletion() string {
	return `# dedefer completion bash
_dedefer() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} flags=
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W "` + commandWords() + `" -- "$word"))
		return
	fi
	case $before in
` + eachValue("\t-%s) COMPREPLY=($(compgen -W \"%s\" -- \"$word\")); return ;;\n") + `	help) COMPREPLY=($(compgen -W "` + commandWords() + `" -- "$word")); return ;;
	completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$word")); return ;;
	esac
	case ${COMP_WORDS[1]} in
` + eachCommand("\t%s) flags=\"%s\" ;;\n") + `	esac
	case $word in
	-*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
	*) COMPREPLY=($(compgen -W "./..." -- "$word") $(compgen -f -- "$word")) ;;
	esac
}
complete -o filenames -F _dedefer dedefer
`
}

func zshCompletion() string {
	return `#compdef dedefer
# dedefer completion zsh
_dedefer() {
	local flags
	if (( CURRENT == 2 )); then
		compadd -- ` + commandWords() + `
		return
	fi
	case ${words[CURRENT-1]} in
` + eachValue("\t-%s) compadd -- %s; return ;;\n") + `	help) compadd -- ` + commandWords() + `; return ;;
	completion) compadd -- bash zsh fish; return ;;
	esac
	case ${words[2]} in
` + eachCommand("\t%s) flags=(%s) ;;\n") + `	esac
	if [[ ${words[CURRENT]} == -* ]]; then
		compadd -- $flags
	else
		compadd -- ./...
		_files
	fi
}
compdef _dedefer dedefer
`
}

func fishCompletion() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# dedefer completion fish\ncomplete -c dedefer -n __fish_use_subcommand -f -a '%s'\n", commandWords())
	for _, c := range commands {
		for _, f := range helpFlags(c) {
			fmt.Fprintf(&b, "complete -c dedefer -n '__fish_seen_subcommand_from %s' -o %s", c.name, f.name)
			switch {
			case f.values != nil:
				fmt.Fprintf(&b, " -x -a '%s'", strings.Join(f.values, " "))
			case f.arg != "":
				b.WriteString(" -r")
			}
			b.WriteByte('\n')
		}
	}
	fmt.Fprintf(&b, "complete -c dedefer -n '__fish_seen_subcommand_from help' -x -a '%s'\n", commandWords())
	b.WriteString("complete -c dedefer -n '__fish_seen_subcommand_from completion' -x -a 'bash zsh fish'\n")
	return b.String()
}
