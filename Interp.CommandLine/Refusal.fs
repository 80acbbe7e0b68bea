/// What is wrong with a command line.
module internal Interp.CommandLine.Refusal

/// One sentence for the user.
exception Refused of string

/// Refuses a command line in one sentence.
let refuse sentence : 'a = raise (Refused sentence)

/// Where to read on, at the end of a sentence: " (see `interp train --help`)."
let see command =
    let command = if command = "" then "" else " " + command
    $" (see `interp{command} --help`)."
