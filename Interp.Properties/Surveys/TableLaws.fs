/// Tables: CSV and Parquet hold the same values.
module Interp.Properties.TableLaws

open System
open System.Globalization
open System.IO
open System.Text
open Expecto
open Parquet
open Interp
open Interp.Host.Surveys
open Interp.Properties.Laws

/// Text that CSV has to be careful with.
let private texts = [
    "=1+1"
    "\u001b[31m"
    "-x"
    "@x"
    "plain"
    ""
    "a,b"
    "say \"so\""
    "two\nlines"
    "two\r\nlines"
    "\""
    " space "
    "ä, 中"
]

let private numbers = [
    0.0
    -0.0
    1.0
    0.1
    1.0 / 3.0
    Math.PI
    1e-300
    Double.Epsilon
    Double.MaxValue
    Double.MinValue
    1e21
    123456789.123456789
]

/// A table of every kind of column, with the values that it was made of.
let private table key =
    let rows = integer 0 20 1 key

    let column use' values = [ for row in 0 .. rows - 1 -> one values (use' + 100 * row) key ]
    let texts = column 10 texts
    let truths = column 11 [ true; false ]
    let wholes = column 12 [ 0; -1; Int32.MaxValue; Int32.MinValue; 7 ]
    let naturals = column 13 [ 0UL; UInt64.MaxValue; 42UL ]

    let numbers =
        column 14 (Nullable() :: Nullable nan :: Nullable infinity :: (numbers |> List.map Nullable))

    let table =
        Table(
            [|
                Column.Of("text, \"quoted\"", texts)
                Column.Of("truth", truths)
                Column.Of("whole", wholes)
                Column.Of("natural", naturals)
                Column.Of("number", numbers)
            |],
            rows
        )

    table, (texts, truths, wholes, naturals, numbers)

/// What does not print is escaped, and what a spreadsheet would take for a formula stands behind an apostrophe.
let private asShown (text: string) =
    let shown = Quote.shown text
    if shown <> "" && "=+-@".Contains shown[0] then $"'{shown}" else shown

/// Reads CSV as RFC 4180 has it: records end with CR LF, a quoted field may hold anything, and a quote is written twice.
let private readCsv (bytes: byte[]) : string list list =
    let text = UTF8Encoding(false, true).GetString bytes

    let rec quoted (field: StringBuilder) at =
        match text[at] with
        | '"' when at + 1 < text.Length && text[at + 1] = '"' -> quoted (field.Append '"') (at + 2)
        | '"' -> field.ToString(), at + 1
        | letter -> quoted (field.Append letter) (at + 1)

    let rec bare at =
        if at < text.Length && text[at] <> ',' && text[at] <> '\r' then
            Expect.isFalse (text[at] = '"' || text[at] = '\n') "a bare field"
            bare (at + 1)
        else
            at

    let field at =
        if at < text.Length && text[at] = '"' then
            quoted (StringBuilder()) (at + 1)
        else
            let stop = bare at
            text[at .. stop - 1], stop

    let rec records fields read at =
        let value, stop = field at

        if stop < text.Length && text[stop] = ',' then
            records (value :: fields) read (stop + 1)
        else
            Expect.equal text[stop .. stop + 1] "\r\n" "the end of a record"
            let read = List.rev (value :: fields) :: read

            if stop + 2 = text.Length then List.rev read else records [] read (stop + 2)

    records [] [] 0

/// Reads a column as its raw values.
let private await (task: System.Threading.Tasks.Task) = task.GetAwaiter().GetResult()

let private readParquet rows (bytes: byte[]) =
    use stream = new MemoryStream(bytes)
    let reader = ParquetReader.CreateAsync(stream).GetAwaiter().GetResult()
    let fields = reader.Schema.GetDataFields()
    use group = reader.OpenRowGroupReader 0

    let read (i: int) : Nullable<'t>[] =
        let values = Array.zeroCreate<Nullable<'t>> rows
        await (group.ReadAsync<'t>(fields[i], Memory values).AsTask())
        values

    let texts = Array.zeroCreate<string> rows
    await (group.ReadAsync(fields[0], Memory texts).AsTask())
    let truths: Nullable<bool>[] = read 1
    let wholes: Nullable<int>[] = read 2
    let naturals: Nullable<uint64>[] = read 3
    let numbers: Nullable<float>[] = read 4
    [ for field in fields -> field.Name ], (List.ofArray texts, truths, wholes, naturals, numbers)

/// By bits, and nothing for what is missing or no finite number.
let private bits (numbers: Nullable<float> seq) = [
    for number in numbers ->
        if number.HasValue && Double.IsFinite number.Value then
            Some(BitConverter.DoubleToInt64Bits number.Value)
        else
            None
]

let private number (text: string) =
    if text = "" then
        Nullable()
    else
        Nullable(Double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture))

let private values (column: Nullable<'t>[]) = [ for value in column -> value.Value ]

[<Tests>]
let tests =
    testList "tables" [
        law 100 "CSV and Parquet hold the same values, to the bit" (fun key ->
            let table, (texts, truths, wholes, naturals, numbers) = table key

            let names = [ "text, \"quoted\""; "truth"; "whole"; "natural"; "number" ]

            match readCsv (table.Csv()) with
            | header :: records ->
                Expect.equal header names "names in CSV"
                let column i = records |> List.map (List.item i)
                Expect.equal (column 0) (texts |> List.map asShown) "text in CSV"
                Expect.equal (column 1 |> List.map Boolean.Parse) truths "truths in CSV"
                Expect.equal (column 2 |> List.map Int32.Parse) wholes "whole numbers in CSV"
                Expect.equal (column 3 |> List.map UInt64.Parse) naturals "natural numbers in CSV"
                Expect.equal (column 4 |> List.map number |> bits) (bits numbers) "numbers in CSV"
            | [] -> failtest "no header"

            let fields, (readTexts, readTruths, readWholes, readNaturals, readNumbers) =
                readParquet table.Rows (table.Parquet())

            Expect.equal fields names "names in Parquet"
            Expect.equal readTexts texts "text in Parquet"
            Expect.equal (values readTruths) truths "truths in Parquet"
            Expect.equal (values readWholes) wholes "whole numbers in Parquet"
            Expect.equal (values readNaturals) naturals "natural numbers in Parquet"
            Expect.equal (bits readNumbers) (bits numbers) "numbers in Parquet")

        law 20 "the same table is the same bytes" (fun key ->
            Expect.equal ((fst (table key)).Parquet()) ((fst (table key)).Parquet()) "Parquet"
            Expect.equal ((fst (table key)).Csv()) ((fst (table key)).Csv()) "CSV")

        law 50 "a study's results have a row an item, in order, and nothing where a quantity is missing" (fun key ->
            let study = SurveyGiven.study key
            let results = Survey.items study |> List.map SurveyGiven.result

            match readCsv (SurveyTables.OfResults(study, List.rev results).Csv()) with
            | header :: records ->
                Expect.equal (List.distinct header) header "no name twice"
                let swept = study.Sweeps |> List.map (_.Field >> Field.name)

                Expect.equal
                    (header |> List.take (3 + swept.Length))
                    ([ "index"; "variant" ] @ swept @ [ "seed" ])
                    "the first names"

                Expect.equal (List.last header) "weights_sha256" "the last name"
                let cell name record = record |> List.item (List.findIndex ((=) name) header)

                for result, record in List.zip results records do
                    Expect.equal (cell "index" record) (string result.Item.Index) "index"
                    Expect.equal (cell "seed" record) (string result.Item.Configuration.Seed) "seed"

                    for field, value in result.Item.Setting do
                        let name = Field.name field
                        Expect.equal (Field.parse field (cell name record)) (Ok value) name

                    let quantities =
                        result.Quantities
                        |> List.map (fun (quantity, value) -> Quantity.name quantity, value)
                        |> Map.ofList

                    for name in [ "held_out_loss"; "direct_path"; "completed_distinct"; "ov_1_max" ] do
                        if List.contains name header then
                            let expected =
                                quantities.TryFind name |> Option.map Nullable |> Option.defaultValue (Nullable())

                            Expect.equal (bits [ number (cell name record) ]) (bits [ expected ]) name
            | [] -> failtest "no header")
    ]
