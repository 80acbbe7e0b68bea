namespace Interp

open System
open System.Security.Cryptography
open System.Text

/// What is wrong with a file.
type CheckpointError = {
    /// The file's name as the user gave it.
    Source: string
    /// Half a sentence: which tensor or field, what was expected, what was found.
    Problem: string
}

/// Problems of files in words.
module CheckpointError =

    /// One sentence.
    let describe (error: CheckpointError) = $"{error.Source}: {error.Problem}"

/// What all files of a training have in common: a check sum in the metadata, since a training goes on from them to its last bit, and
/// tensors each of which has its name and shape, and no others.
module internal CheckedFile =

    /// The check sum in the metadata.
    let checkName = "check_sha256"

    let private checkDigits = 64

    /// Where the digits of the check sum stand in a file that has it, and the sum itself: SHA-256 of all the file's bytes with
    /// zeros for those digits.
    let sum (bytes: byte[]) : (int * string) option =
        let start = Span<byte>(bytes).IndexOf(ReadOnlySpan(Encoding.ASCII.GetBytes $"\"{checkName}\":\""))
        let at = start + checkName.Length + 4

        if start < 0 || at + checkDigits > bytes.Length then
            None
        else
            use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256
            hash.AppendData(bytes, 0, at)
            hash.AppendData(Array.create checkDigits (byte '0'))
            hash.AppendData(bytes, at + checkDigits, bytes.Length - at - checkDigits)
            Some(at, Convert.ToHexStringLower(hash.GetHashAndReset()))

    /// A file with its check sum behind the metadata given.
    let write (metadata: (string * string) list) (tensors: (string * Tensor) list) : byte[] =
        let bytes = Safetensors.write (metadata @ [ checkName, String('0', checkDigits) ]) tensors

        match sum bytes with
        | Some(at, sum) -> Encoding.ASCII.GetBytes(sum).CopyTo(bytes, at)
        | None -> Broken.because "A file was written without its check sum."

        bytes

    /// What is wrong with a file's check sum, if there is something.
    let problem (bytes: byte[]) (file: Safetensors.File) : string option =
        match file.Metadata.TryFind checkName, sum bytes with
        | Some found, Some(_, sum) when found = sum -> None
        | None, _ -> Some $"the metadata has no \"{checkName}\"; the file is damaged or foreign."
        | _ -> Some $"the metadata's \"{checkName}\" is not that of the file; it is not what was written."

    /// The first tensor of a file that is not among those that it may hold, which is named with the first of `names` that is missing.
    let foreign (what: string) (names: string list) (known: Set<string>) (file: Safetensors.File) : string option =
        file.Entries.Keys
        |> Seq.tryFind (known.Contains >> not)
        |> Option.map (fun name ->
            let entry = file.Entries[name]

            let missing =
                names
                |> List.tryFind (file.Entries.ContainsKey >> not)
                |> Option.map (fun missing -> $", and \"{missing}\" is missing")

            $"tensor \"{Quote.text name}\" ({entry.Type} of shape {Shape.show entry.Shape}) is not one of {what}{Option.defaultValue String.Empty missing}.")

    /// All the values, or the first that is wrong.
    let collect (parts: Result<'a, string> list) : Result<'a list, string> =
        (parts, Ok [])
        ||> List.foldBack (fun part rest ->
            part |> Result.bind (fun part -> rest |> Result.map (fun rest -> part :: rest)))

    /// The tensors of these names and shapes, or the first that is wrong.
    let read (names: string list) (shapes: Shape list) (file: Safetensors.File) : Result<Tensor list, string> =
        List.map2 (fun name shape -> Safetensors.read name shape file) names shapes |> collect

    /// A whole number from `least` on in the metadata.
    let whole (name: string) (least: int) (text: string) : Result<int, string> =
        match Numbers.whole text with
        | Some n when n >= least -> Ok n
        | _ -> Error $"the metadata's \"{name}\": expected a whole number from {least} on, found \"{Quote.text text}\"."
