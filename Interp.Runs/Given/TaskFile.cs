using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Interp.Runs.Surroundings;
using Interp.Runs.Wording;
using Spectre.Console;

namespace Interp.Runs.Given;

/// <summary>From the form of a task to the task, which may want a text: a file that is read once, chunk by chunk, and then at the places of its windows.</summary>
internal static class TaskFile
{
    private const int Chunk = 1 << 20;

    /// <summary>From so many bytes on reading takes long enough to show how far it is.</summary>
    private const long Long = 1 << 27;

    /// <summary>The texts that were read off each disk: several commands look at one more than once.</summary>
    private static readonly ConditionalWeakTable<IDisk, ConcurrentDictionary<ReadText, Lazy<TextSource>>> Read = [];

    /// <summary>The task of a form.</summary>
    /// <exception cref="RefusedException">It is a script's own; or it is of a text that is not what the form says.</exception>
    /// <exception cref="BadInputException">It is of a text that cannot be read.</exception>
    public static Task Of(IDisk disk, TaskForm form) => Of(disk, form, _ => { });

    /// <summary>The task of a form; shows how far the reading of a large text is.</summary>
    /// <inheritdoc cref="Of(IDisk, TaskForm)"/>
    public static Task Of(World world, Terminal terminal, TaskForm form)
    {
        if (form is not TaskForm.Text { Item: var text } || TaskFormModule.problem(form) is not null || Length(world.Disk, text) < Long)
        {
            return Of(world.Disk, form);
        }

        return terminal.Progress.Progress().Start(context =>
        {
            var bar = context.AddTask(Names.Markup($"reading {text.File}"), maxValue: 1);
            var task = Of(world.Disk, form, share => bar.Value = share);
            bar.Value = 1;
            return task;
        });
    }

    /// <summary>The form of a task, with what its text was found to be where it is of one.</summary>
    /// <inheritdoc cref="Of(IDisk, TaskForm)"/>
    public static TaskForm Resolved(World world, Terminal terminal, TaskForm form) =>
        form is TaskForm.Text ? TaskFormModule.ofName(Of(world, terminal, form).Name) : form;

    private static Task Of(IDisk disk, TaskForm form, Action<double> report) => Tasks.ofFormWith(Reading(disk, report), form);

    private static Microsoft.FSharp.Core.FSharpFunc<TextForm, TextSource> Reading(IDisk disk, Action<double> report) =>
        Microsoft.FSharp.Core.FuncConvert.FromFunc<TextForm, TextSource>(form => Source(disk, form, report));

    private static long Length(IDisk disk, TextForm form)
    {
        using var file = Open(disk, form);
        return file.Length;
    }

    private static TextSource Source(IDisk disk, TextForm form, Action<double> report)
    {
        var file = Open(disk, form);
        var known = Read.GetOrCreateValue(disk);
        var text = new ReadText(Path.GetFullPath(form.File), file.Length, file.Written, form.Unit);
        var read = new Lazy<TextSource>(() => Scanned(file, form, report));
        var source = known.GetOrAdd(text, read);
        if (!ReferenceEquals(source, read))
        {
            file.Dispose();
        }

        try
        {
            return source.Value;
        }
        catch
        {
            // Another time it may be there.
            known.TryRemove(KeyValuePair.Create(text, source));
            throw;
        }
    }

    /// <summary>Reads a text from its beginning to its end. Whatever its size, no more than a chunk of it is held.</summary>
    private static TextSource Scanned(IOpenFile file, TextForm form, Action<double> report)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var scan = TextScanModule.start;
        byte[][] chunks = [new byte[Chunk], new byte[Chunk]];
        var place = 0L;
        var count = ReadChunk(0);
        for (var turn = 0; count > 0; turn = 1 - turn)
        {
            var chunk = chunks[turn];
            var length = count;
            // One thread counts characters while another takes the sum and reads on.
            var counting = form.Unit.IsCharacters ? System.Threading.Tasks.Task.Run(() => TextScanModule.add(chunk, length, scan)) : null;
            place += length;
            if (place > file.Length)
            {
                throw Changed(form);
            }

            hash.AppendData(chunk, 0, length);
            count = ReadChunk(1 - turn);
            scan = counting?.GetAwaiter().GetResult() ?? scan;
            report(place / (double)Math.Max(place, file.Length));
        }

        if (place != file.Length)
        {
            throw Changed(form);
        }

        return new(place, Copy, TextScanModule.finish(scan), Convert.ToHexStringLower(hash.GetHashAndReset()));

        int ReadChunk(int turn) => Reading(form, () => file.Read(place, chunks[turn]));

        void Copy(long from, byte[] target, int size)
        {
            if (Reading(form, () => file.Read(from, target.AsSpan(0, size))) < size)
            {
                throw Changed(form);
            }
        }
    }

    private static IOpenFile Open(IDisk disk, TextForm form) => Reading(form, () => disk.Open(form.File));

    private static T Reading<T>(TextForm form, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception unreadable) when (Refusal.IsDisk(unreadable))
        {
            var expected = form.Content is { Value: var content } ? $", expected the file of the SHA-256 {content.Sha256} that the task was made of" : "";
            throw Refusal.OfGivenFile(unreadable, $"The text {Quote.text(form.File)} cannot be read ({Refusal.Words(unreadable)}){expected}.");
        }
    }

    private static RefusedException Changed(TextForm form) =>
        new($"The text {Quote.text(form.File)} changed while it was being read, expected the bytes that it began with.");

    /// <summary>What tells a text from others, and from what it was before.</summary>
    private sealed record ReadText(string Place, long Length, DateTime Written, TextUnit Unit);
}
