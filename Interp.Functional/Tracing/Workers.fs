namespace Interp

open System
open System.Threading

/// Threads that lend a hand with independent pieces of work. Whoever runs work always does it himself too and takes
/// back what a helper has not begun, so a machine under load only loses the help.
module internal Workers =

    // A helper looks for work this often, some tenths of a millisecond, before it sleeps: longer than the pause between two
    // steps, as waking costs more than a short step; but not long, as that would starve whoever holds the work.
    let private spins = 4000

    let private idle, private posted, private running = 0, 1, 2

    [<Sealed; AllowNullLiteral>]
    type private Helper(index: int) as helper =
        let wake = new SemaphoreSlim(0)
        let mutable state = idle
        let mutable asleep = 0
        let mutable job: int -> unit = ignore
        let mutable failure: exn = null

        do Thread(helper.Loop, IsBackground = true, Name = $"interp worker {index}").Start()

        member private _.Loop() =
            while true do
                let mutable turns = 0

                while Volatile.Read &state <> posted && turns < spins do
                    Thread.SpinWait 10
                    turns <- turns + 1

                if Volatile.Read &state <> posted then
                    Interlocked.Exchange(&asleep, 1) |> ignore

                    // Work may have come between the look and the word that it must be woken for.
                    if Volatile.Read &state <> posted || Interlocked.Exchange(&asleep, 0) = 0 then
                        wake.Wait()

                if Interlocked.CompareExchange(&state, running, posted) = posted then
                    try
                        job index
                    with error ->
                        failure <- error

                    Volatile.Write(&state, idle)

        member _.Post work =
            job <- work
            Interlocked.Exchange(&state, posted) |> ignore

            if Interlocked.Exchange(&asleep, 0) = 1 then
                wake.Release() |> ignore

        /// Takes the work back, or waits until it is done.
        member _.Join() =
            if Interlocked.CompareExchange(&state, idle, posted) <> posted then
                let mutable wait = SpinWait()

                // Yields, but never sleeps: a helper needs a tenth of a millisecond more, and the shortest sleep is a whole one.
                while Volatile.Read &state <> idle do
                    wait.SpinOnce(-1)

            let error = failure
            failure <- null
            error

    let private gate = obj ()
    let mutable private helpers: Helper[] = [||]

    /// Calls `work` with the numbers 0 .. count - 1, each at most once and on a thread of its own, 0 always. The work
    /// must share itself out, since any number but 0 may be left out.
    let run count (work: int -> unit) =
        // Whoever is at work already asks for no more hands.
        if count <= 1 || Monitor.IsEntered gate || not (Monitor.TryEnter gate) then
            work 0
        else
            try
                if helpers.Length < count - 1 then
                    helpers <- Array.append helpers [| for i in helpers.Length .. count - 2 -> Helper(i + 1) |]

                for i in 0 .. count - 2 do
                    helpers[i].Post work

                let mutable failure: exn = null

                try
                    work 0
                with error ->
                    failure <- error

                for i in 0 .. count - 2 do
                    let error = helpers[i].Join()

                    if isNull failure then
                        failure <- error

                if not (isNull failure) then
                    Runtime.ExceptionServices.ExceptionDispatchInfo.Throw failure
            finally
                Monitor.Exit gate

    /// Calls `piece` with each of the numbers 0 .. count - 1, on up to so many threads.
    let share threads count (piece: int -> unit) =
        let taken = ref 0

        run (min threads count) (fun _ ->
            let mutable next = Interlocked.Increment(&taken.contents) - 1

            while next < count do
                piece next
                next <- Interlocked.Increment(&taken.contents) - 1)
