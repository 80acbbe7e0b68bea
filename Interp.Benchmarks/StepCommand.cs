using System.Security.Cryptography;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace Interp.Benchmarks;

/// <summary>Interp's training step beside the peer's, in turn (A B A B …), so that both see the same machine.</summary>
internal static class StepCommand
{
    private sealed record Case(string Name, int Threads, int[] PeerThreads, Func<Workload> Own, Func<string, int, PyTorchPeer> Peer);

    private static Configuration Of(int heads, int width, int letters, int blockLength, int blocks, int batch, int layers = 1, bool smeared = false)
    {
        var sized = Workload.Study(
            (Field.NHeads, heads), (Field.DModel, width), (Field.DVocab, letters), (Field.BlockLength, blockLength), (Field.Blocks, blocks), (Field.Batch, batch), (Field.NLayers, layers));
        return FieldModule.describe(Field.Smear).Set.Invoke(FieldValue.NewWord((smeared ? Smear.Keys : Smear.Neither).ToString())).Invoke(sized);
    }

    /// <summary>The study's model with learned positions, fitted to a task.</summary>
    private static Configuration On(Task task) => FieldModule.set(
        ListModule.OfSeq(
        [
            Tuple.Create(Field.DVocab, FieldValue.NewWhole(task.Tokens.Size)),
            Tuple.Create(Field.NCtx, FieldValue.NewWhole(task.Length)),
            Tuple.Create(Field.Positions, FieldValue.NewWord(Positions.Standard.ToString())),
        ]),
        ConfigurationModule.study);

    private static Case Single(string name, Configuration configuration, Task task) =>
        new(name, 1, [1], () => Workload.Of(Recipe.objective(configuration, task), 1), (python, threads) => PyTorchPeer.Start(python, configuration, task, threads));

    private static Case Study(string name, Configuration configuration) => Single(name, configuration, Tasks.ofForm(configuration.Task));

    private static Case Built(string form)
    {
        var task = Tasks.parse(form).ResultValue;
        return Single(form, On(task), task);
    }

    /// <summary>Windows of a million random bytes, as a file of them would be.</summary>
    private static Case Text()
    {
        var bytes = new byte[1_000_000];
        new Random(1).NextBytes(bytes);
        var source = new TextSource(
            bytes.Length,
            (start, into, count) => Array.Copy(bytes, start, into, 0, count),
            FSharpResult<TextCounts, long>.NewError(0),
            Convert.ToHexStringLower(SHA256.HashData(bytes)));
        var task = Tasks.ofText(new TextForm("bytes", TextUnit.Bytes, 64, null), source);
        return Single("text bytes length 64", On(task), task);
    }

    private static Case[] Cases() =>
    [
        Study("plain", Of(4, 32, 26, 6, 4, 256)),
        Study("plain-2-threads", Of(4, 32, 26, 6, 4, 256)) with { Threads = 2, PeerThreads = [1, 2], Own = () => Workload.Of(Of(4, 32, 26, 6, 4, 256), 2) },
        Study("plain-batch-1", Of(4, 32, 26, 6, 4, 1)),
        Study("smeared", Of(4, 32, 26, 6, 4, 256, smeared: true)),
        Study("two-layer", Of(4, 32, 26, 6, 4, 256, layers: 2)),
        Study("d64", Of(8, 64, 26, 6, 8, 256)),
        Study("d128", Of(8, 128, 64, 6, 16, 128)),
        Study("d256", Of(8, 256, 256, 8, 16, 32)),
        Built("repeat 6"),
        Built("repeat 3..8"),
        Built("induction"),
        Built("recall 5"),
        Built("markov"),
        Built("copy 8"),
        Built("reverse 8"),
        Built("sort 8"),
        Built("add 113"),
        Built("max 4"),
        Built("brackets 2"),
        Built("nonsense"),
        Built("bigram-noise"),
        Built("add 113 split 30%"),
        Text(),
        new("grokking", 1, [1], () => Workload.Of(Grokking.Objective, 1), PyTorchPeer.StartGrokking),
        new("grokking-2-threads", 2, [1, 2], () => Workload.Of(Grokking.Objective, 2), PyTorchPeer.StartGrokking),
    ];

    /// <summary>What its cases are called.</summary>
    public static IEnumerable<string> Names => Cases().Select(one => one.Name);

    public static int Run(string? only, string? asked, int rounds)
    {
        var cases = Cases().Where(one => only is null || one.Name == only).ToArray();
        var python = PyTorchPeer.FindPython(asked);
        if (python is null)
        {
            Console.WriteLine("No Python with torch was found (Debian: python3-torch, libopenblas0-pthread): Interp's figures alone.");
        }

        Console.WriteLine($"FMA peak of one core: {Peak.Gigaflops():0} GFLOP/s; times in ms a training step, {rounds} rounds in turn");
        if (python is not null)
        {
            using var peer = PyTorchPeer.StartGrokking(python, 1);
            Console.WriteLine($"PyTorch {peer.Version} multiplies large matrices at {peer.Gigaflops:0} GFLOP/s on one thread");
        }

        Console.WriteLine();
        Console.WriteLine("| case | threads | Interp min | median | PyTorch threads | min | median | ratio of minima | of medians | bytes a step | gen 1+2 in 1,000 |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var one in cases)
        {
            Measure(one, python, rounds);
        }

        return 0;
    }

    private static void Measure(Case one, string? python, int rounds)
    {
        var workload = one.Own();
        var own = new Sample();
        var peers = python is null
            ? []
            : one.PeerThreads.Select(threads => (Threads: threads, Peer: one.Peer(python, threads), Sample: new Sample())).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            own.Add(Enumerable.Range(0, 5).Select(_ => workload.Round()));
            foreach (var (_, peer, sample) in peers)
            {
                sample.Add(peer.Round());
            }
        }

        var (bytes, collections) = workload.Allocation();
        var head = $"| {one.Name} | {one.Threads} | {own.Min:0.000} | {own.Median:0.000} |";
        var tail = $" {bytes:0} | {collections} |";
        if (peers.Length == 0)
        {
            Console.WriteLine($"{head} - | - | - | - | - |{tail}");
            return;
        }

        // The peer's better number of threads is what counts.
        var (best, _, times) = peers.MinBy(peer => peer.Sample.Median);
        Console.WriteLine(
            $"{head} {best} | {times.Min:0.00} | {times.Median:0.00} | {times.Min / own.Min:0.0} | {times.Median / own.Median:0.0} |{tail}");
        foreach (var (_, peer, _) in peers)
        {
            peer.Dispose();
        }

    }
}
