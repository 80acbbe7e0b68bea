/// Laws of the kernels that look rows up, and of their transposes.
module Interp.Properties.GatherKernelLaws

open System
open Expecto
open FsCheck.FSharp
open Interp.Kernels
open Interp.Properties.KernelTools

let private gathers = gen {
    let! batch = Gen.choose (1, 5)
    let! vocab = Gen.frequency [ 3, Gen.choose (1, 32); 1, Gen.choose (33, 70) ]
    let! n = Gen.frequency [ 9, Gen.choose (0, 20); 1, Gen.choose (120, 150) ]
    let! width = Gen.frequency [ 2, Gen.choose (1, 7); 3, Gen.choose (1, 40) ]
    let! tableLanes = Gen.elements [ 1; lanes ]
    let! indexLanes = Gen.elements [ 1; lanes ]
    let! seed = Gen.choose (0, 100000)
    return batch, vocab, n, width, tableLanes, indexLanes, seed
}

let private checkGather (batch, vocab, n, width, tableLanes, indexLanes, seed) =
    let table = numbers seed (batch * vocab * width * tableLanes)
    let index = indices seed vocab (n * indexLanes)
    let count = max tableLanes indexLanes
    let at i l = int index[i * indexLanes + min l (indexLanes - 1)]

    let expected = [|
        for b in 0 .. batch - 1 do
            for i in 0 .. n - 1 do
                for w in 0 .. width - 1 do
                    for l in 0 .. count - 1 ->
                        table[((b * vocab + at i l) * width + w) * tableLanes + min l (tableLanes - 1)]
    |]

    let actual =
        Kernel.Of(
            expected.Length,
            fun r -> Gather.Rows(span table, tableLanes, span index, indexLanes, r, batch, vocab, n, width)
        )

    sameBits "Gather.Rows" expected actual

    for gLanes in [ 1; lanes ] do
        for resultLanes in [ 1; lanes ] do
            let g = numbers (seed + 1) (batch * n * width * gLanes)
            let sum: float32[] = Array.zeroCreate (batch * vocab * width * resultLanes)

            for b in 0 .. batch - 1 do
                for i in 0 .. n - 1 do
                    for l in 0 .. max (max gLanes indexLanes) resultLanes - 1 do
                        for w in 0 .. width - 1 do
                            let target = ((b * vocab + at i l) * width + w) * resultLanes + min l (resultLanes - 1)
                            sum[target] <- sum[target] + g[((b * n + i) * width + w) * gLanes + min l (gLanes - 1)]

            let actual =
                Kernel.Of(
                    sum.Length,
                    fun r ->
                        Gather.AddRows(span g, gLanes, span index, indexLanes, r, resultLanes, batch, vocab, n, width)
                )

            sameBits $"Gather.AddRows, {gLanes} lanes into {resultLanes}" sum actual

[<Tests>]
let tests =
    testList "kernels: gather" [
        property 150 "gathered rows, and their transpose, in any lanes" gathers checkGather

        testCase "an index outside the vocabulary is refused by name" (fun () ->
            for bad in [ -1f; 26f; 1.5f; nanf ] do
                let index = Array.init lanes (fun i -> if i = 11 then bad else 3f)

                try
                    Gather.Rows(span (numbers 1 26), 1, span index, lanes, Span(Array.zeroCreate lanes), 1, 26, 1, 1)
                    failtestf "index %g was accepted" bad
                with :? ArgumentOutOfRangeException as e ->
                    Expect.stringContains e.Message "26" "the message names the vocabulary"
                    Expect.equal e.ParamName "index" "the message names the index")
    ]
