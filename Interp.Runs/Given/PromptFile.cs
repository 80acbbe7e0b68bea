using System.Text;
using System.Text.Unicode;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Surroundings;

namespace Interp.Runs.Given;

/// <summary>A line of a file of prompts.</summary>
/// <param name="Place">Where it stands, for a sentence: "prompts.txt, line 3".</param>
/// <param name="Text">Its text.</param>
internal sealed record PromptLine(string Place, string Text);

/// <summary>Prompts in a file or on standard input, one a line.</summary>
internal static class PromptFile
{
    /// <summary>What stands for standard input.</summary>
    private const string StandardInput = "-";

    private const int Largest = 1 << 26;

    /// <summary>The prompts of a file; what ends its last line begins no other one.</summary>
    /// <exception cref="BadInputException">It cannot be read, is not UTF-8 or has no lines.</exception>
    public static IReadOnlyList<PromptLine> Read(World world, string path)
    {
        var name = path == StandardInput ? "standard input" : path;
        ReadOnlySpan<byte> bytes = path == StandardInput ? Input(world, name) : GivenFile.Read(world.Disk, path, Largest);
        bytes = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        if (bytes.Length == 0)
        {
            throw new BadInputException($"{name}: is empty, expected prompts, one a line.");
        }

        if (!Utf8.IsValid(bytes))
        {
            throw new BadInputException($"{name}, line {FirstWrong(bytes)}: is not UTF-8.");
        }

        var lines = Encoding.UTF8.GetString(bytes).Split('\n');
        return [.. lines
            .SkipLast(lines[^1].Length == 0 ? 1 : 0)
            .Select((line, index) => new PromptLine($"{name}, line {index + 1}", line.EndsWith('\r') ? line[..^1] : line))];
    }

    private static byte[] Input(World world, string name)
    {
        try
        {
            using var input = world.Input();
            using var content = new MemoryStream();
            var chunk = new byte[1 << 16];
            for (int count; (count = input.Read(chunk)) > 0;)
            {
                content.Write(chunk, 0, count);
                if (content.Length > Largest)
                {
                    throw new UnfitFileException($"it has more than {Largest} bytes");
                }
            }

            return content.ToArray();
        }
        catch (Exception unreadable) when (Refusal.IsDisk(unreadable))
        {
            throw Refusal.OfGivenFile(unreadable, $"{name}: cannot be read ({Refusal.Words(unreadable)}).");
        }
    }

    /// <summary>The line of the first byte that cannot stand where it does.</summary>
    private static int FirstWrong(ReadOnlySpan<byte> bytes)
    {
        for (var line = 1; ; line++)
        {
            var end = bytes.IndexOf((byte)'\n');
            if (end < 0 || !Utf8.IsValid(bytes[..end]))
            {
                return line;
            }

            bytes = bytes[(end + 1)..];
        }
    }
}
