namespace Interp

open System
open System.Collections.Concurrent
open System.Threading

/// Functions that are dear, and whose values are kept for whoever asks next.
module internal Remembered =

    // Values kept at a time: one a shape of models, of which a program has few.
    let private most = 16

    /// A value put together of parts, made by all who ask for it while it is not there: each part once, so nobody waits who could work.
    let private together count (part: int -> 'part) (whole: 'part[] -> 'whole) : unit -> 'whole =
        let parts = Array.init count (fun i -> lazy (part i))
        let whole = lazy (parts |> Array.map _.Value |> whole)
        let last = ref -1

        fun () ->
            if not whole.IsValueCreated then
                let mutable next = Interlocked.Increment(&last.contents)

                while next < parts.Length do
                    parts[next].Force() |> ignore
                    next <- Interlocked.Increment(&last.contents)

            whole.Value

    /// The function of a key that takes `count key` parts, `part key` of each number, and makes `whole` of them.
    let ofParts
        (count: 'key -> int)
        (part: 'key -> int -> 'part)
        (whole: 'part[] -> 'whole)
        : 'key -> 'whole when 'key: equality =
        let known = ConcurrentDictionary<'key, unit -> 'whole>()

        fun key ->
            if known.Count >= most then
                known.Clear()

            let value = known.GetOrAdd(key, Func<_, _>(fun key -> together (count key) (part key) whole))

            value ()
