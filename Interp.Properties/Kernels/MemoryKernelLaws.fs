/// Laws of the kernels that move data, and of aligned memory.
module Interp.Properties.MemoryKernelLaws

open System.Runtime.InteropServices
open Expecto
open Interp.Kernels
open Interp.Properties.KernelTools
open Interp.Properties.Views

let private checkCopy (shape, a, _) =
    for count in [ 1; lanes ] do
        let source = numbers 4 ((2 + extent shape a) * count)
        let to' = rowMajor shape
        let size = (3 + extent shape to') * count
        let old = numbers 5 size
        let expected = Array.copy old

        for index in walk shape do
            Array.blit source ((2 + offset a index) * count) expected ((3 + offset to' index) * count) count

        let actual =
            Kernel.From(
                old,
                fun r -> Strided.Copy(Array.ofList shape, Array.ofList a, 2, span source, Array.ofList to', 3, r, count)
            )

        sameBits "Strided.Copy" expected actual

[<Tests>]
let tests =
    testList "kernels: memory" [
        property 150 "strided copies move every element and touch no other" views checkCopy

        testCase "aligned buffers start at 64 bytes, zeroed" (fun () ->
            for n in lengths do
                let buffer = AlignedBuffer.Allocate n

                if n > 0 then
                    let address = Marshal.UnsafeAddrOfPinnedArrayElement(buffer.Array, buffer.Offset)
                    Expect.equal (address % 64n) 0n "alignment"

                Expect.equal (buffer.Span.ToArray()) (Array.zeroCreate n) "zeros")

        testCase "rented ones do, too, whatever was in them, and no two are the same at once" (fun () ->
            for round in 1..3 do
                let rented = lengths |> List.map (fun n -> AlignedBuffer.Rent(n + 10 * round))

                for buffer in rented do
                    let address = Marshal.UnsafeAddrOfPinnedArrayElement(buffer.Array, buffer.Offset)
                    Expect.equal (address % 64n) 0n "alignment"
                    Expect.equal (buffer.Span.ToArray()) (Array.zeroCreate buffer.Length) "zeros"
                    buffer.Span.Fill nanf

                let arrays = rented |> List.map _.Array

                Expect.equal
                    (arrays |> List.distinctBy LanguagePrimitives.PhysicalHash |> List.length)
                    arrays.Length
                    "arrays"

                for buffer in rented do
                    buffer.Return())
    ]
