namespace Interp.Host

/// What the command line asks for.
type Parsed =
    | Help of text: string
    | Bad of message: string

module CommandLine =

    let parse (args: string[]) =
        match args with
        | [||]
        | [| "--help" |] -> Help "interp COMMAND"
        | _ -> Bad $"unknown command '{args[0]}'"
