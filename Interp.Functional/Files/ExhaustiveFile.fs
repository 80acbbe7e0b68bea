namespace Interp

open System
open System.IO
open System.Runtime.InteropServices
open System.Security.Cryptography
open System.Text

/// Evaluations on all inputs that are under way, as bytes and back: what is evaluated, by its parts in words, how far it has come, and a check sum.
module ExhaustiveFile =

    // With the version of the layout behind it.
    let private kind = "interp exact evaluation 1"

    /// SHA-256 of a model's weights, in the order of its leaves, in hexadecimal digits.
    let weightsHash (model: Model<Tensor>) : string =
        use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256

        for leaf in Model.leaves model do
            hash.AppendData(MemoryMarshal.AsBytes(ReadOnlySpan leaf.Data))

        Convert.ToHexStringLower(hash.GetHashAndReset())

    /// What an evaluation is of, by the names of its parts: the model's weights, the explanation in its place, the task, the interventions, and
    /// which failures are listed.
    let parts
        (exhaustive: Exhaustive)
        (listed: FailureList)
        (model: Model<Tensor>)
        (explanation: Explanation option)
        (interventions: Intervention list)
        : (string * string) list = [
        "model", weightsHash model
        "explanation", explanation |> Option.map string |> Option.defaultValue "none"
        "task", exhaustive.Task.Name
        "interventions", interventions |> List.map string |> String.concat "; "
        "list of failures", $"""at most {listed.Most} of {listed.Of |> Option.defaultValue "all"}"""
        ArithmeticRevision.name, string ArithmeticRevision.current
    ]

    /// The file's bytes.
    let toBytes (parts: (string * string) list) (state: ExhaustiveState) : byte[] =
        use stream = new MemoryStream()
        use writer = new BinaryWriter(stream, UTF8Encoding false)
        writer.Write kind
        writer.Write parts.Length

        for name, text in parts do
            writer.Write name
            writer.Write text

        writer.Write state.Done
        writer.Write state.Losses.Length
        List.iter (fun (x: float) -> writer.Write x) state.Losses
        writer.Write state.Right
        writer.Write state.Classes.Length

        for totals in state.Classes do
            writer.Write totals.Count
            writer.Write totals.Exact
            writer.Write totals.Weight
            writer.Write totals.Loss

        writer.Write state.Undecided
        writer.Write state.LeastMargin
        writer.Write state.Failures.Length
        List.iter (fun (x: int64) -> writer.Write x) state.Failures
        writer.Flush()
        let content = stream.ToArray()
        Array.append content (SHA256.HashData content)

    let private damaged =
        Error(StateFileError.Damaged "it is no whole file of `interp evaluate --exact --resume`.")

    let private difference (own: (string * string) list) (found: (string * string) list) =
        List.tryPick
            (fun ((name: string, own: string), (_, found: string)) ->
                if own = found then
                    None
                else
                    Some $"its {name} is \"{Quote.line found}\", and this evaluation's \"{Quote.line own}\".")
            (List.zip own found)

    /// Reads the state of an evaluation of these parts.
    let ofBytes
        (exhaustive: Exhaustive)
        (parts: (string * string) list)
        (bytes: byte[])
        : Result<ExhaustiveState, StateFileError> =
        let length = bytes.Length - SHA256.HashSizeInBytes

        if
            length < 0
            || not (
                ReadOnlySpan(bytes, length, SHA256.HashSizeInBytes)
                    .SequenceEqual(SHA256.HashData(ReadOnlySpan(bytes, 0, length)))
            )
        then
            damaged
        else
            // Whole as it is, it holds what was written.
            use reader = new BinaryReader(new MemoryStream(bytes, 0, length), UTF8Encoding false)
            let several count read = List.init count (fun _ -> read ())

            if reader.ReadString() <> kind then
                damaged
            else
                let found =
                    several (reader.ReadInt32()) (fun () -> let name = reader.ReadString() in name, reader.ReadString())

                if List.map fst found <> List.map fst parts then
                    damaged
                else
                    match difference parts found with
                    | Some problem -> Error(StateFileError.Another problem)
                    | None ->
                        let looked = reader.ReadInt64()
                        let losses = several (reader.ReadInt32()) reader.ReadDouble
                        let right = reader.ReadDouble()

                        let classes =
                            several (reader.ReadInt32()) (fun () ->
                                let count, exact = reader.ReadInt64(), reader.ReadInt64()
                                let weight = reader.ReadDouble()

                                { Count = count; Exact = exact; Weight = weight; Loss = reader.ReadDouble() }
                                : ClassTotals)

                        let undecided, margin = reader.ReadInt64(), reader.ReadDouble()
                        let failures = several (reader.ReadInt32()) reader.ReadInt64
                        let fresh = Exhaustive.start exhaustive

                        if losses.Length <> fresh.Losses.Length || classes.Length <> fresh.Classes.Length then
                            damaged
                        else
                            Ok {
                                Done = looked
                                Losses = losses
                                Right = right
                                Classes = classes
                                Undecided = undecided
                                LeastMargin = margin
                                Failures = failures
                            }
