/// What tasks write, count, know the answer of and enumerate, against `PlainTasks`.
module Interp.Properties.TaskLaws

open System
open Expecto
open Interp
open Interp.Properties.Laws

let private written (task: Task) key index =
    // What stood there before must not matter.
    let places = Key.integers 1000 task.Length (Key.split 7UL key)
    task.Write key index places
    places

let private writers =
    testList "writers" [
        law 100 "a sequence is one of the task's, and a function of its key and number alone" (fun key ->
            for form in PlainTasks.forms (one [ 3; 9; 40 ] 50 key) key do
                let task = Tasks.ofForm form
                let index = integer 0 100_000 51 key
                let sequence = written task key index
                Expect.isTrue (PlainTasks.belongs form sequence) $"{form}: {sequence}"
                written task (Key.split 1UL key) index |> ignore
                written task key (index + 1) |> ignore
                Expect.equal (written task key index) sequence $"{form}, written again"
                Expect.equal (written (Tasks.ofForm form) key index) sequence $"{form}, made again"
                Expect.equal (Tokens.toArray (Task.sequence task key index)) sequence $"{form}, as tokens")

        law 20 "sequences of one key differ, and those of another key are others" (fun key ->
            for form in PlainTasks.forms 20 key |> List.map (TaskForm.withLetters 3000) do
                let form =
                    match form with
                    | TaskForm.BigramNoise(length, _, seed) -> TaskForm.BigramNoise(max 12 length, 100, seed)
                    | TaskForm.Brackets(kinds, _) -> TaskForm.Brackets(kinds, 12)
                    // One per cent of 3,000 letters are thirty, which do come twice.
                    | TaskForm.Split(whole, percent, seed) -> TaskForm.Split(whole, max 50 percent, seed)
                    | form -> form

                let task = Tasks.ofForm form

                let sequences = List.init 6 (written task key) @ List.init 6 (written task (Key.split 1UL key))

                // A pattern of one letter of 3,000 comes twice among 12 in a fiftieth of all cases, so three of the same can't be.
                Expect.isGreaterThan (List.distinct sequences).Length 9 (string form))

        law 20 "writing allocates nothing" (fun key ->
            for form in PlainTasks.forms 20 key do
                let task = Tasks.ofForm form
                let places = Array.zeroCreate task.Length
                task.Write key 0 places
                let before = GC.GetAllocatedBytesForCurrentThread()

                for index in 0..20 do
                    task.Write key index places

                Expect.equal (GC.GetAllocatedBytesForCurrentThread() - before) 0L (string form))

        law 10 "the study's patterns are the letters of a key's stream" (fun key ->
            for index in 0..5 do
                let words = Key.words (8 * (index + 1)) key

                let pattern =
                    words[8 * index ..] |> Array.take 6 |> Array.map (fun word -> int (uint64 word * 26UL >>> 32))

                Expect.equal
                    (written Tasks.study key index)
                    (Array.concat (List.replicate 4 pattern))
                    $"number {index}")

        // With few sequences in all, how often each comes among thousands tells whether each is as likely as it should be.
        for form in
            [
                "repeat 2 x2 of 3"
                "repeat 1..3 length 5 of 2"
                "induction length 6 of 2"
                "recall 2 of 3"
                "markov length 4 of 3"
                "sort 3 of 3"
                "brackets 2 length 6"
                "bigram-noise length 4 of 3 seed 5"
            ] do
            law 3 $"each sequence of {form} is as likely as it should be" (fun key ->
                let task = Tasks.parse form |> Result.defaultWith failtest
                let draws = 20_000
                let seen = List.init draws (written task key) |> List.countBy id |> Map.ofList

                for sequence, likelihood in PlainTasks.distribution (TaskForm.ofName form) do
                    let expected = float draws * likelihood
                    let count = Map.tryFind sequence seen |> Option.defaultValue 0 |> float
                    // The tail of rare ones is heavier: a seventh of a count more.
                    let error = sqrt (expected * (1.0 - likelihood)) + 1.0
                    within Tolerances.countErrors error $"how often {List.ofArray sequence} comes" count expected)
    ]

let private known =
    testList "what is known" [
        law 50 "the places that count are those of the definition" (fun key ->
            for form in PlainTasks.forms 30 key do
                Expect.equal (Tasks.ofForm form).Counted (PlainTasks.counted form) (string form))

        law 100 "prompts go on as their sequences do, and what is no prompt has no answer" (fun key ->
            for form in PlainTasks.forms (one [ 3; 20 ] 50 key) key do
                let task = Tasks.ofForm form

                match task.Prompts with
                | None -> ()
                | Some prompts ->
                    let sequence = written task key (integer 0 1000 51 key)
                    let whole = task.Length
                    Expect.isTrue (prompts.Length < whole && prompts.Length > 0) "the prompt's length"

                    for length in prompts.Length .. whole do
                        Expect.equal
                            (prompts.Answer whole sequence[.. length - 1])
                            (Some sequence[length..])
                            $"{form} from {length} on"

                        Expect.equal
                            (prompts.Answer length sequence[.. prompts.Length - 1])
                            (Some sequence[prompts.Length .. length - 1])
                            $"{form} up to {length}"

                    Expect.isNone
                        (prompts.Answer (prompts.Length - 1) sequence[.. prompts.Length - 1])
                        "shorter than it is"

                    // Whatever has a right answer is the beginning of a sequence of the task with it.
                    let anything = Key.integers task.Tokens.Size prompts.Length (Key.split 52UL key)

                    for i in 0 .. prompts.Length - 1 do
                        let other = Array.copy sequence[.. prompts.Length - 1]
                        other[i] <- anything[i]

                        match prompts.Answer whole other with
                        | Some answer ->
                            Expect.isTrue
                                (PlainTasks.belongs form (Array.append other answer))
                                $"{form}: {other} {answer}"
                        | None -> ()

                        let before = integer 0 (prompts.Length - 1) 53 key

                        match task.Prompts, form with
                        | Some _, (TaskForm.Repeat _ | TaskForm.Periods _) -> ()
                        | _ -> Expect.isNone (prompts.Answer whole sequence[.. before - 1]) $"{form} from {before} on")

        law 30 "with periods a prompt has an answer only where all periods that it can have agree" (fun key ->
            let shortest = integer 1 4 1 key
            let longest = shortest + integer 0 3 2 key
            let length = 2 * longest + integer 1 5 3 key
            let form = TaskForm.Periods(shortest, longest, length, 2)
            let prompts = (Tasks.ofForm form).Prompts.Value

            for count in 1 .. length - 1 do
                let prompt = Key.integers 2 count (Key.split 4UL key)

                let wholes =
                    [ shortest..longest ]
                    |> List.filter (fun period ->
                        Seq.forall (fun i -> prompt[i] = prompt[i - period]) (seq { period .. count - 1 }))
                    |> List.map (fun period ->
                        // A letter that a period has not shown yet could be any.
                        if period > count then
                            None
                        else
                            Some(List.init (length - count) (fun i -> prompt[count - period + i % period])))
                    |> List.distinct

                let expected =
                    match wholes with
                    | [ Some whole ] when count >= longest -> Some(Array.ofList whole)
                    | _ -> None

                Expect.equal (prompts.Answer length prompt) expected $"{prompt}")

        law 30 "inputs are all sequences of the task, each once" (fun key ->
            for form in PlainTasks.forms 2 key do
                let task = Tasks.ofForm form

                match task.Inputs with
                | Some inputs when inputs.Count <= 3000UL && float task.Tokens.Size ** float task.Length <= 100_000.0 ->
                    let all = List.init (int inputs.Count) (uint64 >> inputs.Nth) |> List.map List.ofArray
                    let plain = PlainTasks.distribution form |> List.map (fun (x, p) -> List.ofArray x, p) |> List.sort
                    Expect.equal (List.sort all) (List.map fst plain) (string form)

                    let probability = inputs.Probability |> Option.defaultValue (fun _ -> 1.0 / float inputs.Count)

                    close
                        Tolerances.doubles
                        $"{form}: how likely each is"
                        (List.sort all |> List.map (Array.ofList >> probability) |> Array.ofList)
                        (plain |> List.map snd |> Array.ofList)

                    let names = inputs.Classes.Names.Value
                    Expect.equal (Array.distinct names) names $"{form}: a class has a name of its own"

                    for input in all do
                        Expect.isTrue
                            (Array.indexed names |> Array.exists (fst >> (=) (inputs.Classes.Of(Array.ofList input))))
                            $"{form}: a class of {input}"
                | _ -> ()

                match form with
                | TaskForm.Periods _
                | TaskForm.Induction _ -> Expect.isNone task.Inputs $"{form}: these are not numbered"
                | _ -> Expect.isSome task.Inputs $"{form} has so few of them")

        law 20 "a split deals out all inputs: those trained on, and the others, which are held out" (fun key ->
            let whole = TaskForm.Add(integer 2 8 1 key)
            let percent = integer 1 99 2 key
            let split whole percent seed = Tasks.ofForm (TaskForm.Split(whole, percent, seed))
            let task = split whole percent 5UL
            let all = PlainTasks.distribution whole |> List.map fst

            let found write =
                List.init 1500 (fun index ->
                    let places = Array.zeroCreate 4 in
                    write key index places
                    places)
                |> List.distinct
                |> List.sort

            let trained, held = found task.Write, found task.HeldOut.Value
            Expect.equal (List.sort (trained @ held)) (List.sort all) "each once"
            let share = max 1 (min (all.Length - 1) (all.Length * percent / 100))
            Expect.equal trained.Length share "how many"
            let expected = PlainTasks.entropies (trained |> List.map (fun x -> x, 1.0 / float share))

            close
                Tolerances.doubles
                "the floor"
                (Array.ofList task.Floor.Value.Value.PerPosition)
                (Array.ofList expected)

            let half seed = found (split (TaskForm.Add 8) 50 seed).Write
            Expect.notEqual (half (uint64 (integer 6 1000 3 key))) (half 5UL) "another seed")

        law 50 "large numbers of inputs: what each is says its number, and there is none behind the last" (fun key ->
            for form in PlainTasks.forms 12 key do
                match (Tasks.ofForm form).Inputs with
                | None -> ()
                | Some inputs ->
                    let words = Key.words 2 (Key.split 60UL key)
                    let some = ((uint64 words[0] <<< 32) ||| uint64 words[1]) % inputs.Count
                    let numbers = [ 0UL; some; inputs.Count - 1UL ] |> List.distinct

                    for i in numbers do
                        Expect.isTrue (PlainTasks.belongs form (inputs.Nth i)) $"{form}, number {i}"

                    Expect.equal (numbers |> List.map inputs.Nth |> List.distinct).Length numbers.Length "different"

                    Expect.stringContains
                        (refusal (fun () -> inputs.Nth inputs.Count |> ignore))
                        $"{inputs.Count}"
                        "the end")

        law 30 "equality patterns say which letters are equal, in the order of the alphabet" (fun key ->
            let letters, count = integer 2 5 70 key, integer 1 5 71 key
            let inputs = (Given.repeating letters count 2).Inputs.Value

            let plain (input: int[]) =
                let pattern = Array.take count input
                let different = Array.distinct pattern
                pattern |> Array.map (fun x -> Array.IndexOf(different, x)) |> Tokens.ofArray |> Letters.toText

            let all = List.init (int inputs.Count) (uint64 >> inputs.Nth)
            let names = inputs.Classes.Names.Value
            Expect.equal (all |> List.map (inputs.Classes.Of >> Array.get names)) (all |> List.map plain) "names"

            Expect.equal
                (List.ofArray names)
                (all |> List.map plain |> List.distinct |> List.sort)
                "all of them, in order")

        test "patterns of many letters are told apart by how many are different" {
            let inputs = (Tasks.parse "copy 9" |> Result.defaultWith failtest).Inputs.Value
            Expect.equal inputs.Classes.Names.Value [| for i in 1..9 -> string i |] "more than a table has"
            Expect.equal (inputs.Classes.Of(inputs.Nth 0UL)) 0 "one letter"
            let study = Tasks.study.Inputs.Value.Classes.Names.Value
            // Bell's number.
            Expect.equal (study.Length, study[0], Array.last study) (203, "AAAAAA", "ABCDEF") "of six letters"
        }

        test "how many inputs there are" {
            for form, count in
                [
                    "max 4 of 64", Some 16_777_216UL
                    "add 113", Some 12_769UL
                    "repeat 6", Some 308_915_776UL
                    // 16 * 15 * 14 * 13 * 12 keys, 16^5 values, 5 questions.
                    "recall 5 of 16", Some 2_748_107_980_800UL
                    // The twelfth of Catalan's numbers, 208,012, times 2^12.
                    "brackets 2 length 24", Some 852_017_152UL
                    // The last of Catalan's numbers that fits.
                    "brackets 1 length 72", Some 11_959_798_385_860_453_492UL
                    "brackets 1 length 74", None
                    "nonsense length 63 of 2", Some(1UL <<< 63)
                    "nonsense length 64 of 2", None
                    "copy 14 of 26", None
                ] do
                let inputs = (Tasks.parse form |> Result.defaultWith failtest).Inputs
                Expect.equal (inputs |> Option.map _.Count) count form
        }

        test "tokens have names" {
            for form, first, last, text in
                [
                    "copy 3", "A", "|", "the letters are A to Z and |"
                    "max 4", "0", "63", "0 to 63"
                    "add 113", "0", "=", "0 to 112 and ="
                    "recall 2 of 3", "A", "c", "A to c"
                    "recall 2 of 27", "k0", "v26", "k0 to v26"
                    "brackets 2", "(", "]", "( to ]"
                    "brackets 5", "(0", ")4", "(0 to )4"
                    "nonsense of 300", "0", "299", "0 to 299"
                    "sort 3 of 300", "0", "|", "0 to 299 and |"
                ] do
                let tokens = (Tasks.parse form |> Result.defaultWith failtest).Tokens
                Expect.equal (tokens.Names.Head, List.last tokens.Names) (first, last) form
                Expect.isTrue (text.EndsWith(Vocabulary.describe tokens)) $"{form}: {Vocabulary.describe tokens}"
        }

        law 50 "sequences are read as they are written" (fun key ->
            for form in PlainTasks.forms 300 key |> List.filter (TaskForm.problem >> Option.isNone) do
                let task = Tasks.ofForm form
                let sequence = Task.sequence task key 0
                let text = Vocabulary.toText task.Tokens sequence

                match Vocabulary.parse task.Tokens text with
                | Ok read -> Expect.equal (read.ToArray()) (sequence.ToArray()) text
                | Error sentence -> failtest sentence)
    ]

[<Tests>]
let tests = testList "Tasks" [ writers; known ]
