namespace Interp.Benchmarks;

/// <summary>Interp's training step beside the peer's, in turn (A B A B …), so that both see the same machine.</summary>
internal static class StepCommand
{
    private sealed record Case(string Name, Configuration Configuration, int Threads, int[] PeerThreads);

    private static Configuration Of(int heads, int width, int letters, int blockLength, int blocks, int batch, int layers = 1, bool smeared = false)
    {
        var sized = Workload.Study(
            (Field.NHeads, heads), (Field.DModel, width), (Field.DVocab, letters), (Field.BlockLength, blockLength), (Field.Blocks, blocks), (Field.Batch, batch), (Field.NLayers, layers));
        return FieldModule.describe(Field.Smear).Set.Invoke(FieldValue.NewWord((smeared ? Smear.Keys : Smear.Neither).ToString())).Invoke(sized);
    }

    private static Case[] Cases() =>
    [
        new("plain", Of(4, 32, 26, 6, 4, 256), 1, [1]),
        new("plain-2-threads", Of(4, 32, 26, 6, 4, 256), 2, [1, 2]),
        new("smeared", Of(4, 32, 26, 6, 4, 256, smeared: true), 1, [1]),
        new("two-layer", Of(4, 32, 26, 6, 4, 256, layers: 2), 1, [1]),
        new("d64", Of(8, 64, 26, 6, 8, 256), 1, [1]),
        new("d128", Of(8, 128, 64, 6, 16, 128), 1, [1]),
        new("d256", Of(8, 256, 256, 8, 16, 32), 1, [1]),
    ];

    public static int Run(string[] args)
    {
        var rounds = 9;
        string? only = null;
        string? asked = null;
        foreach (var option in args.Chunk(2))
        {
            switch (option)
            {
                case ["--rounds", var text] when int.TryParse(text, out var n) && n > 0:
                    rounds = n;
                    break;
                case ["--case", var name]:
                    only = name;
                    break;
                case ["--python", var program]:
                    asked = program;
                    break;
                default:
                    Console.Error.WriteLine($"step: {string.Join(' ', option)} is not understood; expected --rounds N, --case NAME or --python PYTHON.");
                    return 2;
            }
        }

        var cases = Cases().Where(one => only is null || one.Name == only).ToArray();
        if (cases.Length == 0)
        {
            Console.Error.WriteLine($"step: there is no case \"{only}\"; expected {string.Join(", ", Cases().Select(one => one.Name))}.");
            return 2;
        }

        var python = PyTorchPeer.FindPython(asked);
        if (python is null)
        {
            Console.WriteLine("No Python with torch was found (Debian: python3-torch, libopenblas0-pthread): Interp's figures alone.");
        }

        Console.WriteLine($"FMA peak of one core: {Peak.Gigaflops():0} GFLOP/s; times in ms a training step, {rounds} rounds in turn");
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
        var workload = new Workload(one.Configuration, one.Threads);
        var own = new Sample();
        var peers = python is null
            ? []
            : one.PeerThreads.Select(threads => (Threads: threads, Peer: PyTorchPeer.Start(python, one.Configuration, threads), Sample: new Sample())).ToArray();
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
