/// Scripts for shells, which complete the program's command lines without starting it.
module internal Interp.CommandLine.Scripts

open Interp.CommandLine.Completion

let private joined (separator: string) (parts: string seq) = String.concat separator parts

let private lines (parts: string list) = joined "\n" parts

/// Between single quotes, as sh, bash and zsh read it.
let private quoted (text: string) = "'" + text.Replace("'", "'\\''") + "'"

/// Options with what is wanted behind them, together where that is the same.
let private values (command: Completed) =
    command.Options
    |> List.choose (fun option -> option.Value |> Option.map (fun (_, wanted) -> wanted, option.Names))
    |> List.groupBy fst
    |> List.map (fun (wanted, options) -> wanted, List.collect snd options)

let private bashOffer wanted =
    match wanted with
    | Anything -> "_interp_nothing"
    | OneOf words -> $"""_interp_words '{joined " " words}'"""
    | Beginning words -> $"""_interp_beginnings '{joined " " words}'"""
    | AFile -> "_interp_files"
    | ADirectory -> "_interp_directories"
    | AModel -> "_interp_models"

/// For bash, from version 3.2 on.
let private bash () =
    let ofValues command = [
        for wanted, names in values command do
            let patterns = names |> List.map (fun name -> quoted $"{command.Name} {name}") |> joined " | "
            $"        {patterns}) {bashOffer wanted}; return ;;"
    ]

    let ofCommand command =
        let options = command.Options |> List.collect _.Names |> joined " "

        $"        {quoted command.Name}) if [[ $current == -* ]]; then _interp_words '{options}'; else {bashOffer command.Unnamed}; fi ;;"

    let ofSubcommands (name, words: string list) =
        let any = joined " | " words

        $"        {name}) case ${{COMP_WORDS[2]}} in {any}) ((COMP_CWORD > 2)) && command=\"{name} ${{COMP_WORDS[2]}}\" ;; esac ;;"

    lines [
        "# Completion of interp for bash. In ~/.bashrc: eval \"$(interp completion bash)\""
        "_interp_nothing() { compopt +o default 2>/dev/null; }"
        "_interp_words() { local IFS=$' \\t\\n'; COMPREPLY=($(compgen -W \"$1\" -- \"$current\")); _interp_nothing; }"
        "_interp_beginnings() { _interp_words \"$1\"; compopt -o nospace 2>/dev/null; }"
        "_interp_files() { compopt -o filenames 2>/dev/null; local IFS=$'\\n'; COMPREPLY=($(compgen -f -- \"$current\")); }"
        "_interp_directories() { compopt -o filenames 2>/dev/null; local IFS=$'\\n'; COMPREPLY=($(compgen -d -- \"$current\")); }"
        "# Files of models, directories that hold one or a run, and those that lead further."
        "_interp_models() {"
        "    compopt -o filenames 2>/dev/null"
        "    local path"
        "    while IFS= read -r path; do"
        "        if [[ -d $path ]]; then"
        "            if [[ -e $path/config.json ]] || compgen -G \"$path/*.safetensors\" >/dev/null || compgen -G \"$path/*/\" >/dev/null; then COMPREPLY+=(\"$path\"); fi"
        "        elif [[ $path == *.safetensors ]]; then COMPREPLY+=(\"$path\")"
        "        fi"
        "    done < <(compgen -f -- \"$current\")"
        "}"
        "_interp() {"
        "    local current=${COMP_WORDS[COMP_CWORD]} before='' command=''"
        "    COMPREPLY=()"
        "    if ((COMP_CWORD > 1)); then"
        "        command=${COMP_WORDS[1]}"
        "        before=${COMP_WORDS[COMP_CWORD - 1]}"
        "        # --option=value comes as three words."
        "        if [[ $current == = ]]; then current=''"
        "        elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD - 2]}"
        "        fi"
        "        current=${current#[\\\"\\']}"
        "        case $command in"
        yield! subcommands |> List.map (fun each -> "    " + ofSubcommands each)
        "        esac"
        "    fi"
        "    case \"$command $before\" in"
        yield! commands |> List.collect ofValues
        "    esac"
        "    case $command in"
        $"""        '') _interp_words '{joined " " first}' ;;"""
        yield! commands |> List.map ofCommand
        "    esac"
        "}"
        "complete -o default -F _interp interp"
    ]

/// A part of a specification of zsh's `_arguments`.
let private described (text: string) =
    (text, [ "\\"; "["; "]"; ":" ]) ||> List.fold (fun text sign -> text.Replace(sign, "\\" + sign))

let private zshOffer wanted =
    match wanted with
    | Anything -> " "
    | OneOf words
    | Beginning words -> $"""({joined " " words})"""
    | AFile -> "_files"
    | ADirectory -> "_files -/"
    | AModel -> "_interp_models"

let private zsh () =
    let ofOption (option: Offered) = [
        for name in option.Names do
            match option.Value with
            | None -> quoted $"*{name}[{described option.Summary}]"
            | Some(value, wanted) ->
                let equals = if name.StartsWith "--" then "=" else ""
                quoted $"*{name}{equals}[{described option.Summary}]:{value}:{zshOffer wanted}"
    ]

    let ofCommand (command: Completed) = [
        $"    ({quoted command.Name}) _arguments \\"
        for specification in List.collect ofOption command.Options do
            $"        {specification} \\"
        $"""        {quoted $"*: :{zshOffer command.Unnamed}"} ;;"""
    ]

    let named =
        Completion.commands
        |> List.filter (fun command -> not (command.Name.Contains ' '))
        |> List.map (fun command -> quoted $"{command.Name}:{described command.Summary}")

    lines [
        "#compdef interp"
        "# Completion of interp for zsh. In ~/.zshrc, after compinit: eval \"$(interp completion zsh)\""
        "_interp_models() { _files -g '*.safetensors' }"
        "_interp() {"
        "    local -a commands"
        "    local command=$words[2]"
        "    if (( CURRENT == 2 )); then"
        "        commands=("
        yield! named |> List.map (fun each -> "            " + each)
        "        )"
        "        _describe -t commands command commands"
        "        _arguments '--help[print help]' '-h[print help]' '--version[print the version]' '-V[print the version]'"
        "        return"
        "    fi"
        for name, words in subcommands do
            $"""    if [[ $command == {name} && $words[3] == ({joined "|" words}) ]] && (( CURRENT > 3 )); then"""
            $"        command=\"{name} $words[3]\""
            "        shift words"
            "        (( CURRENT-- ))"
            "    fi"
        "    shift words"
        "    (( CURRENT-- ))"
        "    case $command in"
        yield! Completion.commands |> List.collect ofCommand
        "    esac"
        "}"
        "if [[ $funcstack[1] == _interp ]]; then _interp \"$@\"; else compdef _interp interp; fi"
    ]

/// Between single quotes, as fish reads it.
let private fishQuoted (text: string) = "'" + text.Replace("\\", "\\\\").Replace("'", "\\'") + "'"

let private fish () =
    // A list of candidates, and what files are good for.
    let offer wanted =
        match wanted with
        | Anything -> "-x"
        | OneOf words
        | Beginning words -> $"""-x -a {fishQuoted (joined " " words)}"""
        | AFile -> "-r -F"
        | ADirectory -> "-x -a '(__fish_complete_directories)'"
        | AModel -> "-x -a '(__fish_complete_suffix .safetensors)'"

    let condition (command: Completed) =
        let seen =
            List.map (fun word -> $"__fish_seen_subcommand_from {word}") (List.ofArray (command.Name.Split ' '))

        let others =
            subcommands
            |> List.tryFind (fst >> (=) command.Name)
            |> Option.map (fun (_, words) -> $"""not __fish_seen_subcommand_from {joined " " words}""")
            |> Option.toList

        fishQuoted (joined "; and " (seen @ others))

    let ofOption command (option: Offered) =
        let names =
            option.Names
            |> List.map (fun name -> if name.StartsWith "--" then $"-l {name[2..]}" else $"-s {name[1..]}")

        let value = option.Value |> Option.map (fun (_, wanted) -> " " + offer wanted) |> Option.defaultValue ""
        $"""complete -c interp -n {condition command} {joined " " names}{value} -d {fishQuoted option.Summary}"""

    let ofCommand (command: Completed) = [
        if not (command.Name.Contains ' ') then
            $"complete -c interp -n __fish_use_subcommand -a {command.Name} -d {fishQuoted command.Summary}"

        match command.Unnamed with
        | Anything -> ()
        | wanted -> $"complete -c interp -n {condition command} {offer wanted}"

        yield! List.map (ofOption command) command.Options
    ]

    lines [
        "# Completion of interp for fish: interp completion fish > ~/.config/fish/completions/interp.fish"
        "complete -c interp -f"
        "complete -c interp -n __fish_use_subcommand -s h -l help -d 'print help'"
        "complete -c interp -n __fish_use_subcommand -s V -l version -d 'print the version'"
        yield! Completion.commands |> List.collect ofCommand
    ]

/// Between single quotes, as PowerShell reads it.
let private pwshQuoted (text: string) = "'" + text.Replace("'", "''") + "'"

let private pwsh () =
    let list words = words |> List.map pwshQuoted |> joined ", "

    // Files and directories are PowerShell's own to complete.
    let offered wanted =
        match wanted with
        | OneOf words
        | Beginning words -> Some(list words)
        | Anything
        | AFile
        | ADirectory
        | AModel -> None

    lines [
        "# Completion of interp for PowerShell. In $PROFILE: interp completion pwsh | Out-String | Invoke-Expression"
        "Register-ArgumentCompleter -Native -CommandName interp -ScriptBlock {"
        "    param($current, $line, $position)"
        "    $first = @{"
        $"        '' = {list first}"
        for command in Completion.commands do
            match offered command.Unnamed with
            | Some words -> $"        {pwshQuoted command.Name} = {words}"
            | None -> ()
        "    }"
        "    $options = @{"
        for command in Completion.commands do
            if not command.Options.IsEmpty then
                $"        {pwshQuoted command.Name} = {list (List.collect _.Names command.Options)}"
        "    }"
        "    $values = @{"
        for command in Completion.commands do
            for wanted, names in values command do
                match offered wanted with
                | Some words ->
                    for name in names do
                        $"""        {pwshQuoted $"{command.Name} {name}"} = {words}"""
                | None -> ()
        "    }"
        "    $words = @($line.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position -or $_.ToString() -ne $current } | ForEach-Object { $_.ToString() })"
        "    $command = if ($words.Count -gt 1) { $words[1] } else { '' }"
        for name, words in subcommands do
            $"    if ($command -eq {pwshQuoted name} -and $words.Count -gt 2 -and $words[2] -in {list words}) {{ $command = {pwshQuoted name} + ' ' + $words[2] }}"
        "    $before = $words[-1]"
        "    $found ="
        "        if ($values.ContainsKey(\"$command $before\")) { $values[\"$command $before\"] }"
        "        elseif ($current.StartsWith('-') -and $options.ContainsKey($command)) { $options[$command] }"
        "        else { $first[$command] }"
        "    $found | Where-Object { $_ -and $_.StartsWith($current) } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }"
        "}"
    ]

/// The script for a shell, by the shell's name.
let ofShell (shell: string) : string option =
    match shell with
    | "bash" -> Some(bash ())
    | "zsh" -> Some(zsh ())
    | "fish" -> Some(fish ())
    | "pwsh" -> Some(pwsh ())
    | _ -> None
