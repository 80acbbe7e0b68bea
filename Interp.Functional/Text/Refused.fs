namespace Interp

open System

/// What a user or a caller gave does not fit: a seed, a head, a configuration, a text. The message is one sentence for a
/// user. Shapes that do not fit are the calling program's mistake and raise a plain `ArgumentException` (see `Shape`).
[<Sealed>]
type RefusedException(sentence: string) =
    inherit ArgumentException(sentence)

/// Refusals of what was given.
module Refused =

    /// Raises `RefusedException`. `sentence` names what was given and what would have been accepted, in one sentence
    /// for a user.
    let because (sentence: string) : 'a = raise (RefusedException sentence)
