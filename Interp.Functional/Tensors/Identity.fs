namespace Interp

open System.Threading

/// Numbers for the nodes of traces; a later node has a larger one.
module internal Identity =

    let mutable private last = 0L
    let next () = Interlocked.Increment &last
