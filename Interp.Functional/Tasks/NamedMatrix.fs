namespace Interp

/// A matrix whose rows and columns have names; it shows itself under them.
[<StructuredFormatDisplay("{Display}")>]
type NamedMatrix = {
    /// A name for each row.
    Rows: string list
    /// A name for each column.
    Columns: string list
    /// [row, column]
    Values: Tensor
} with

    member internal this.Display =
        match this.Values with
        | Value(shape, data) -> TensorDisplay.named (Some(this.Rows, this.Columns)) shape data
        | Node node -> TensorDisplay.traced node.Shape

/// Matrices under the names of what their rows and columns are of.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module NamedMatrix =

    /// Under names of one's own. Raises `ArgumentException` where these are not as many as rows and columns.
    let create (rows: string list) (columns: string list) (values: Tensor) : NamedMatrix =
        if values.Shape <> [ rows.Length; columns.Length ] then
            Shape.fail
                $"NamedMatrix.create: shape {Shape.show values.Shape} does not fit {rows.Length} names of rows and {columns.Length} of columns."

        { Rows = rows; Columns = columns; Values = values }

    let private names (vocabulary: Vocabulary) (text: Tokens) =
        let all = List.toArray vocabulary.Names
        [ for token in text.ToArray() -> if token < all.Length then all[token] else string token ]

    /// Logits [pos, vocab] of a text: rows by the text's tokens, columns by all tokens.
    let ofLogits (vocabulary: Vocabulary) (text: Tokens) (logits: Tensor) : NamedMatrix =
        create (names vocabulary text) vocabulary.Names logits

    /// A head's pattern [pos, key_pos] of a text: rows and columns by the text's tokens.
    let ofPattern (vocabulary: Vocabulary) (text: Tokens) (pattern: Tensor) : NamedMatrix =
        let names = names vocabulary text
        create names names pattern

    /// A circuit [vocab, vocab]: rows and columns by all tokens.
    let ofCircuit (vocabulary: Vocabulary) (circuit: Tensor) : NamedMatrix =
        create vocabulary.Names vocabulary.Names circuit
