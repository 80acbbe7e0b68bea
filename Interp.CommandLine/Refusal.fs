/// What is wrong with a command line beyond its grammar.
module internal Interp.CommandLine.Refusal

/// One sentence for the user.
exception Refused of string

let positive name value =
    if value < 1 then
        raise (Refused $"--{name} must be at least 1, not {value}.")

    value

/// A list of values takes in whatever follows it, misspelt options too.
let noOptions command (values: string list) =
    match values |> List.tryFind _.StartsWith('-') with
    | Some option -> raise (Refused $"unrecognized argument: '{option}' (see `interp {command} --help`).")
    | None -> ()
