namespace Interp

/// What a file says of the training that its numbers come from.
type Provenance = {
    /// Fields of the run's configuration, in the order of the table: all of them, or as many as the version that wrote it carried.
    Fields: (Field * FieldValue) list
    /// The revision of the arithmetic.
    Revision: int
}

/// Something of which two files say different things.
type ProvenanceDifference = {
    /// A field's name, or `ArithmeticRevision.name`.
    Name: string
    /// In the first.
    First: string
    /// In the second.
    Second: string
}

/// Whether files belong together.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Provenance =

    /// Of a configuration whose numbers are of a revision of the arithmetic: every field.
    let ofConfiguration (revision: int) (c: Configuration) : Provenance = {
        Fields = Field.all |> List.map (fun field -> field, (Field.describe field).Get c)
        Revision = revision
    }

    /// What two files say differently, by what both of them say.
    let differences (first: Provenance) (second: Provenance) : ProvenanceDifference list = [
        for field, value in first.Fields do
            match second.Fields |> List.tryFind (fst >> (=) field) with
            | Some(_, other) when other <> value -> {
                Name = Field.name field
                First = string value
                Second = string other
              }
            | _ -> ()

        if first.Revision <> second.Revision then
            { Name = ArithmeticRevision.name; First = string first.Revision; Second = string second.Revision }
    ]

    /// Fields of which a file says nothing.
    let unsaid (provenance: Provenance) : Field list = Field.all |> List.except (List.map fst provenance.Fields)
