/// Tasks' printed forms: what is printed is read, and what is mistaken is told.
module Interp.Properties.TaskFormLaws

open Expecto
open Interp
open Interp.Properties.Laws

let private parsed text =
    match TaskGrammar.parse text with
    | Ok form -> form
    | Error sentence -> failtest sentence

/// Files' names with what needs quoting.
let private fileName key =
    let pieces = [ "a"; "moby"; " "; "\""; "\\"; "é"; "."; "/"; "of"; "length 3"; "'"; "\u3000" ]
    List.init (integer 1 6 1 key) (fun i -> one pieces (10 + i) key) |> String.concat ""

let private text key : TaskForm =
    TaskForm.Text {
        File = fileName key
        Unit = one [ TextUnit.Characters; TextUnit.Bytes ] 2 key
        Length = integer 2 100 3 key
        Content =
            if truth 4 key then
                Some { Letters = integer 1 300 5 key; Sha256 = String.replicate 4 "0123456789abcdef" }
            else
                None
    }

let private round =
    testList "printing" [
        law 200 "what is printed is read, whatever the numbers" (fun key ->
            for form in text key :: PlainTasks.forms (one [ 3; 1000; 1_000_000 ] 50 key) key do
                Expect.equal (TaskGrammar.parse (string form)) (Ok form) (string form)
                Expect.equal (TaskGrammar.parse $"  {form} ") (Ok form) "with spaces around it"
                Expect.equal (TaskForm.ofName (string form)) form "in a file")

        law 100 "parts that are left out have their defaults, the others what they say" (fun key ->
            // A task that is split is one without its last parts.
            for form in PlainTasks.forms 30 key |> List.filter (fun form -> not (form.IsSplit)) do
                let words = (string form).Split ' ' |> List.ofArray

                // The one word "repeat" is the other way to write a repetition.
                let least = if words[1].Contains ".." then 2 else 1

                for count in least .. words.Length - 1 do
                    let whole = TaskGrammar.parse (String.concat " " (List.take count words))

                    match whole with
                    | Ok shorter ->
                        let isSame =
                            function
                            | (said: string), (read: string) -> said = read

                        let read = (string shorter).Split ' ' |> List.ofArray
                        Expect.equal read.Length words.Length $"{shorter}"
                        Expect.all (List.zip (List.take count words) (List.take count read)) isSame $"{shorter}"
                    | Error _ ->
                        Expect.contains
                            [ "length"; "of"; "seed"; "repeat" ]
                            words[count - 1]
                            "what is cut within a part")

        test "short forms" {
            for short, whole in
                [
                    "repeat", "repeat 6 x4 of 26"
                    "repeat 6", "repeat 6 x4 of 26"
                    "repeat 8 x3", "repeat 8 x3 of 26"
                    "repeat x3", "repeat 6 x3 of 26"
                    "repeat 4 of 12", "repeat 4 x4 of 12"
                    "repeat of 12", "repeat 6 x4 of 12"
                    "repeat  3..8", "repeat 3..8 length 24 of 26"
                    "repeat 3..8 of 4", "repeat 3..8 length 24 of 4"
                    "induction", "induction length 64 of 26"
                    "recall 5", "recall 5 of 26"
                    "markov of 3", "markov length 64 of 3"
                    "copy 3", "copy 3 of 26"
                    "reverse 3", "reverse 3 of 26"
                    "sort 3", "sort 3 of 26"
                    "add", "add 113"
                    "max 5", "max 5 of 64"
                    "brackets 3", "brackets 3 length 24"
                    "brackets length 6", "brackets 2 length 6"
                    "nonsense", "nonsense length 24 of 26"
                    "bigram-noise seed 18446744073709551615", "bigram-noise length 24 of 26 seed 18446744073709551615"
                    "add 7 split 30%", "add 7 split 30% seed 1"
                    "repeat 2 split 50% seed 3", "repeat 2 x4 of 26 split 50% seed 3"
                    "text split", "text split length 64"
                    "text moby.txt", "text moby.txt length 64"
                    "text bytes", "text bytes length 64"
                    "text moby.txt bytes", "text moby.txt bytes length 64"
                    "text   \"a \"\"b\"\" c.txt\"   length   8", "text \"a \"\"b\"\" c.txt\" length 8"
                ] do
                Expect.equal (string (parsed short)) whole short
        }

        test "the table of all tasks has each kind, with examples that are whole and make sense" {
            let kinds = Tasks.all |> List.map _.Name |> List.distinct
            Expect.equal kinds TaskGrammar.names "the kinds, in the grammar's order"

            for kind in Tasks.all do
                Expect.isNone (TaskForm.problem kind.Example) (string kind.Example)
                Expect.isTrue ((string kind.Example).StartsWith kind.Name) "the example is of its kind"
                Expect.isTrue (kind.Meaning <> "" && kind.Source <> "" && not (kind.Meaning.Contains '\n')) "words"

            let examples = Tasks.all |> List.map (_.Example >> string)

            Expect.isTrue
                (TaskGrammar.examples |> List.forall (fun e -> List.contains e examples))
                "the sentences' examples"
        }
    ]

let private mistakes =
    testList "mistakes" [
        for text, sentence in
            [
                "",
                "The task is empty, expected one of repeat, induction, recall, markov, copy, reverse, sort, add, max, brackets, nonsense, bigram-noise, text, for example \"repeat 6 x4 of 26\"."
                "repat 6",
                "\"repat 6\" has \"repat\" as word 1, which is no task, \"repeat\" may have been meant, for example \"repeat 6 x4 of 26\"."
                "Sort 8",
                "\"Sort 8\" has \"Sort\" as word 1, which is no task, \"sort\" may have been meant, for example \"sort 8 of 26\"."
                "addition 113",
                "\"addition 113\" has \"addition\" as word 1, which is no task, \"add\" may have been meant, for example \"add 113\"."
                "txt moby.txt",
                "\"txt moby.txt\" has \"txt\" as word 1, which is no task, \"text\" may have been meant, for example \"text moby.txt length 64\"."
                "translate 8",
                "\"translate 8\" has \"translate\" as word 1, expected one of repeat, induction, recall, markov, copy, reverse, sort, add, max, brackets, nonsense, bigram-noise, text, for example \"repeat 6 x4 of 26\"."
                "6 x4 of 26",
                "\"6 x4 of 26\" has 6 as word 1, expected one of repeat, induction, recall, markov, copy, reverse, sort, add, max, brackets, nonsense, bigram-noise, text, for example \"repeat 6 x4 of 26\"."
                "repeat six",
                "\"repeat six\" has \"six\" as word 2, expected a whole number (the letters of a pattern) or a number of times such as x4 (how often a sequence has its pattern) or \"of\" and a whole number (the letters of the alphabet), for example \"repeat 6 x4 of 26\"."
                "repeat -6",
                "\"repeat -6\" has -6 as word 2, expected a whole number (the letters of a pattern), for example \"repeat 6 x4 of 26\"."
                "repeat 6.0",
                "\"repeat 6.0\" has 6.0 as word 2, expected a whole number (the letters of a pattern), for example \"repeat 6 x4 of 26\"."
                "repeat 6 4",
                "\"repeat 6 4\" has 4 as word 3, expected a number of times such as x4 (how often a sequence has its pattern) or \"of\" and a whole number (the letters of the alphabet), for example \"repeat 6 x4 of 26\"."
                "repeat 6 x",
                "\"repeat 6 x\" has \"x\" as word 3, expected a number of times such as x4 (how often a sequence has its pattern), for example \"repeat 6 x4 of 26\"."
                "repeat 6 x4 off 26",
                "\"repeat 6 x4 off 26\" has \"off\" as word 4, where \"of\" may have been meant, for example \"repeat 6 x4 of 26\"."
                "repeat 6 x4 of",
                "\"repeat 6 x4 of\" ends with \"of\", expected a whole number after it: the letters of the alphabet, for example \"repeat 6 x4 of 26\"."
                "repeat 6 x4 of many",
                "\"repeat 6 x4 of many\" has \"many\" as word 5, expected a whole number: the letters of the alphabet, for example \"repeat 6 x4 of 26\"."
                "repeat 6 of 26 x4",
                "\"repeat 6 of 26 x4\" has \"x4\" as word 5, expected nothing more, for example \"repeat 6 x4 of 26\"."
                "repeat 6 x4 of 26 27",
                "\"repeat 6 x4 of 26 27\" has 27 as word 6, expected nothing more, for example \"repeat 6 x4 of 26\"."
                "repeat 99999999999",
                "\"repeat 99999999999\" has 99999999999 as word 2, expected a whole number (the letters of a pattern), for example \"repeat 6 x4 of 26\"."
                "repeat 3..",
                "\"repeat 3..\" has 3.. as word 2, expected two whole numbers such as 3..8 (the letters of the shortest and the longest pattern), for example \"repeat 3..8 length 24 of 26\"."
                "repeat 3..8 x4",
                "\"repeat 3..8 x4\" has \"x4\" as word 3, expected \"length\" and a whole number (the tokens of a sequence) or \"of\" and a whole number (the letters of the alphabet), for example \"repeat 3..8 length 24 of 26\"."
                "markov lenght 64",
                "\"markov lenght 64\" has \"lenght\" as word 2, where \"length\" may have been meant, for example \"markov length 64 of 4\"."
                "markov 64",
                "\"markov 64\" has 64 as word 2, expected \"length\" and a whole number (the tokens of a sequence) or \"of\" and a whole number (the letters of the alphabet), for example \"markov length 64 of 4\"."
                "bigram-noise seed -1",
                "\"bigram-noise seed -1\" has -1 as word 3, expected a whole number: the seed of its table, for example \"bigram-noise length 24 of 26 seed 1\"."
                "add 1 2", "\"add 1 2\" has 2 as word 3, expected nothing more, for example \"add 113\"."
                "add 7 split",
                "\"add 7 split\" ends with \"split\", expected after it how many per cent to train on, such as 30%, for example \"add 113 split 30% seed 1\"."
                "add 7 split 0.3",
                "\"add 7 split 0.3\" has 0.3 as word 4, expected how many per cent to train on, such as 30%, for example \"add 113 split 30% seed 1\"."
                "add 7 split 30% 5",
                "\"add 7 split 30% 5\" has 5 as word 5, expected \"seed\" and a whole number, or nothing more, for example \"add 113 split 30% seed 1\"."
                "add 7 split 30% seed x",
                "\"add 7 split 30% seed x\" has \"x\" as word 6, expected a whole number: the seed of the split, for example \"add 113 split 30% seed 1\"."
                "ad 7 split 30%",
                "\"ad 7\" has \"ad\" as word 1, which is no task, \"add\" may have been meant, for example \"add 113\"."
                "text",
                "\"text\" ends with \"text\", expected a file after it, for example \"text moby.txt length 64\"."
                "text moby dick.txt",
                "\"text moby dick.txt\" has \"dick.txt\" as word 3, expected \"bytes\" or \"length\" and a whole number, and a file's name with spaces in quotation marks, for example \"text \"moby dick.txt\" length 64\"."
                "text \"moby dick.txt",
                "\"text \"moby dick.txt\" has a quotation mark that none closes, for example \"text \"moby dick.txt\" length 64\"."
                "text \"\"",
                "\"text \"\"\" has no file's name between its quotation marks, for example \"text moby.txt length 64\"."
                "text \"a\"b",
                "\"text \"a\"b\" goes on without a space behind the file's closing quotation mark, for example \"text \"moby dick.txt\" length 64\"."
                "text a.txt byte",
                "\"text a.txt byte\" has \"byte\" as word 3, where \"bytes\" may have been meant, for example \"text moby.txt length 64\"."
                "text a.txt length",
                "\"text a.txt length\" has nothing after \"length\", expected the tokens of a window, for example \"text moby.txt length 64\"."
                "text a.txt length many",
                "\"text a.txt length many\" has \"many\" as word 4, expected a whole number: the tokens of a window, for example \"text moby.txt length 64\"."
                "text a.txt length 64 of 26",
                "\"text a.txt length 64 of 26\" has \"of\", expected behind it how many different tokens the file has, \"sha256\" and 64 hexadecimal digits, or none of this, for example \"text moby.txt length 64\"."
                "text a\u0007.txt",
                "\"text a\\u0007.txt\" has a control character in the file's name, expected one that shows, for example \"text moby.txt length 64\"."
            ] do
            test $"\"{Quote.line text}\"" { Expect.equal (TaskForm.parse text) (Error sentence) "the sentence" }

        for text, sentence in
            [
                "repeat 0", "The task \"repeat 0 x4 of 26\" has 0 letters in a pattern, expected 1 to 4096."
                "repeat 6 x1", "The task \"repeat 6 x1 of 26\" has 1 blocks, expected 2 to 4096."
                "repeat 6 of 1", "The task \"repeat 6 x4 of 1\" has 1 letters, expected 2 to 65536."
                "repeat 100 x100",
                "The task \"repeat 100 x100 of 26\" has sequences of 10000 tokens, expected at most 4096."
                "repeat 8..3",
                "The task \"repeat 8..3 length 24 of 26\" has 3 letters in its longest pattern, expected 8 to 23."
                "repeat 3..24",
                "The task \"repeat 3..24 length 24 of 26\" has 24 letters in its longest pattern, expected 3 to 23."
                "repeat 0..4",
                "The task \"repeat 0..4 length 24 of 26\" has 0 letters in its shortest pattern, expected 1 to 23."
                "induction length 3", "The task \"induction length 3 of 26\" has 3 as length, expected 4 to 4096."
                "recall 27", "The task \"recall 27 of 26\" has 27 pairs of different keys, expected 1 to 26."
                "recall 0", "The task \"recall 0 of 26\" has 0 pairs of different keys, expected 1 to 26."
                "markov length 1", "The task \"markov length 1 of 4\" has 1 as length, expected 2 to 4096."
                "markov of 100000", "The task \"markov length 64 of 100000\" has 100000 letters, expected 2 to 65536."
                "copy 0", "The task \"copy 0 of 26\" has 0 letters before its separator, expected 1 to 2047."
                "sort 0", "The task \"sort 0 of 26\" has 0 letters before its separator, expected 1 to 2047."
                "reverse 3 of 65536",
                "The task \"reverse 3 of 65536\" has 65536 letters in the alphabet, expected 2 to 65535."
                "add 1", "The task \"add 1\" has 1 as modulus, expected 2 to 65535."
                "max 0", "The task \"max 0 of 64\" has 0 numbers to take the largest of, expected 1 to 4095."
                "max 4 of 1", "The task \"max 4 of 1\" has 1 numbers, expected 2 to 65536."
                "brackets 0", "The task \"brackets 0 length 24\" has 0 kinds of brackets, expected 1 to 32768."
                "brackets 2 length 7",
                "The task \"brackets 2 length 7\" has 7 as length, expected an even number, as brackets come in pairs."
                "bigram-noise of 2000",
                "The task \"bigram-noise length 24 of 2000 seed 1\" has 2000 letters, expected 2 to 1024."
                "add 7 split 100%",
                "The task \"add 7 split 100% seed 1\" has 100 per cent to train on, expected 1 to 99."
                "add 1 split 30%", "The task \"add 1\" has 1 as modulus, expected 2 to 65535."
                "text a.txt length 1", "The task \"text a.txt length 1\" has 1 as length, expected 2 to 4096."
            ] do
            test $"{text} makes no task" {
                let form = parsed text
                Expect.equal (TaskForm.problem form) (Some sentence) "the problem"
                Expect.equal (refusal (fun () -> Tasks.ofForm form |> ignore)) sentence "as a task"
                Expect.equal (TaskForm.parse text) (Error sentence) "read"
                Expect.equal (TaskForm.ofName text) form "in a file"
            }

        test "a field has the sentence without its end, which others put" {
            for text in [ "sort 0"; "repat 6" ] do
                match TaskForm.parse text, Field.parse Field.Task text with
                | Error sentence, Error half -> Expect.equal (half + ".") sentence text
                | found -> failtest $"{found}"
        }

        test "what has no inputs, or too many, cannot be split" {
            for text, sentence in
                [
                    "markov split 30%",
                    "The task \"markov length 64 of 4\" has no list of inputs to split, expected one that has, for example \"add 113\"."
                    "max 4 split 30%",
                    "The task \"max 4 of 64\" has 16777216 inputs, expected at most 3355443 to split, for example \"add 113\"."
                ] do
                Expect.equal (refusal (fun () -> Tasks.ofForm (parsed text) |> ignore)) sentence text

            Expect.isError (TaskForm.parse "add 7 split 30% seed 1 split 30%") "once is enough"
        }

        test "one's own and texts that were not read are no tasks by their form alone" {
            Expect.stringContains (refusal (fun () -> Tasks.ofForm (TaskForm.Own "mine") |> ignore)) "mine" "own"

            Expect.stringContains
                (refusal (fun () -> Tasks.ofForm (parsed "text a") |> ignore))
                "text a length 64"
                "text"
        }
    ]

let private fuzz =
    testList "any text" [
        law
            2000
            "whatever is written is a task that reads as it prints, or one sentence with an example that is right"
            (fun key ->
                let pieces =
                    TaskGrammar.names
                    @ [
                        "of"
                        "length"
                        "seed"
                        "x"
                        ".."
                        "x4"
                        "3..8"
                        "64"
                        "0"
                        "-1"
                        "\"a b\""
                        "\""
                        "bytes"
                        "sha256"
                        "\n"
                        "é"
                        ""
                    ]

                let form = one (text key :: PlainTasks.forms 30 key) 60 key |> string

                let written =
                    match integer 0 2 61 key with
                    | 0 -> List.init (integer 0 7 62 key) (fun i -> one pieces (70 + i) key) |> String.concat " "
                    | 1 ->
                        let place = integer 0 (form.Length - 1) 63 key
                        form[.. place - 1] + one pieces 64 key + form[place + integer 0 1 65 key ..]
                    | _ -> form[integer 0 2 66 key .. integer 0 form.Length 67 key]

                match TaskGrammar.parse written with
                | Ok form -> Expect.equal (TaskGrammar.parse (string form)) (Ok form) written
                | Error sentence ->
                    Expect.isTrue (sentence.EndsWith "\"." && not (Seq.exists System.Char.IsControl sentence)) sentence
                    let start = sentence.LastIndexOf "for example \"" + "for example \"".Length
                    Expect.isOk (TaskGrammar.parse sentence[start .. sentence.Length - 3]) sentence
                    Expect.equal (TaskForm.ofName written) (TaskForm.Own written) "a script's own")
    ]

let private sizes =
    testList "sizes" [
        law 100 "a form says how large its task is" (fun key ->
            for form in PlainTasks.forms 20 key do
                let task = Tasks.ofForm form

                Expect.equal
                    (TaskForm.size form)
                    (Some { Length = int64 task.Length; Letters = task.Tokens.Size })
                    task.Name

                Expect.equal task.Name (string form) "the name")

        law 100 "with another number of tokens it has as many, or one less where they come in twos" (fun key ->
            let letters = integer 4 1000 60 key

            for form in PlainTasks.forms 20 key do
                let other = TaskForm.withLetters letters form
                let size = (TaskForm.size other).Value

                let twos =
                    match form with
                    | TaskForm.Recall _
                    | TaskForm.Brackets _ -> letters % 2
                    | _ -> 0

                Expect.equal size.Letters (letters - twos) (string other)

                Expect.equal
                    (TaskForm.withLetters (TaskForm.size form).Value.Letters other)
                    form
                    "nothing else changes")
    ]

[<Tests>]
let tests = testList "Task forms" [ round; mistakes; fuzz; sizes ]
