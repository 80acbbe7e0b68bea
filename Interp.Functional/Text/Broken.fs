namespace Interp

open System.Diagnostics

/// Assumptions of Interp's own that turn out to be false.
module internal Broken =

    /// Raises `UnreachableException`: a mistake in Interp, whatever was given to it.
    let because (sentence: string) : 'a = raise (UnreachableException sentence)
