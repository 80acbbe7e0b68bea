using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Interp.Benchmarks;

/// <summary>What scripts/grokking.fsx trains, its record a list: a transformer with learned positions and an MLP, asked at the last position alone.</summary>
internal static class Grokking
{
    public const int Heads = 4;
    public const int Width = 128;
    public const int Hidden = 4 * Width;
    public const int Batch = 512;

    private const int HeadWidth = Width / Heads;

    public static Task Task { get; } = Tasks.parse("add 113 split 30% seed 1").ResultValue;

    public static Objective<FSharpList<Tensor>> Objective => new(
        Structure.list,
        FSharpFunc<Key, FSharpList<Tensor>>.FromConverter(Initial),
        FSharpFunc<FSharpList<Tensor>, FSharpFunc<Tokens, Tensor>>.FromConverter(
            model => FSharpFunc<Tokens, Tensor>.FromConverter(tokens => Loss([.. model], tokens))),
        Task,
        Batch,
        OptimiserModule.adamW,
        1);

    private static FSharpList<Tensor> Initial(Key key)
    {
        var vocabulary = Task.Tokens.Size;
        int[][] shapes =
        [
            [vocabulary, Width], [3, Width],
            [Heads, Width, HeadWidth], [Heads, Width, HeadWidth], [Heads, Width, HeadWidth], [Heads, HeadWidth, Width],
            [Width, Hidden], [Hidden], [Hidden, Width], [Width],
            [Width, vocabulary],
        ];
        return ListModule.OfSeq(shapes.Select((shape, number) =>
            TensorModule.normal(ListModule.OfSeq(shape), KeyModule.split((ulong)number, key)) / Math.Sqrt(Width)));
    }

    private static Tensor Loss(Tensor[] model, Tokens tokens)
    {
        var embedded = TensorModule.gather(model[0], TokensModule.slice(0, 3, tokens)) + model[1];
        var atEquals = TensorModule.slice(0, 2, 1, embedded);
        var query = TensorModule.matmul(atEquals, model[2]);
        var key = TensorModule.matmul(embedded, model[3]);
        var value = TensorModule.matmul(embedded, model[4]);
        var pattern = TensorModule.softmax(TensorModule.matmul(query, TensorModule.transpose(key)) / Math.Sqrt(HeadWidth));
        var attended = TensorModule.sumOver(ListModule.OfSeq([0]), TensorModule.matmul(TensorModule.matmul(pattern, value), model[5]));
        var stream = atEquals + attended;
        var neurons = TensorModule.relu(TensorModule.matmul(stream, model[6]) + model[7]);
        var logits = TensorModule.matmul(stream + TensorModule.matmul(neurons, model[8]) + model[9], model[10]);
        return TensorModule.mean(TensorModule.crossEntropy(logits, TokensModule.slice(3, 1, tokens)));
    }
}
