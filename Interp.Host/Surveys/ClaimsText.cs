using System.Text;
using Interp.Runs.Endings;
using Interp.Runs.Files;
using Microsoft.FSharp.Collections;

namespace Interp.Host.Surveys;

/// <summary>A file of a user's claims.</summary>
internal static class ClaimsText
{
    private const long Largest = 1 << 18;

    /// <exception cref="BadInputException">It is missing, no text, or holds something else than claims: where, and what was expected.</exception>
    /// <exception cref="FailedException">The disk refused.</exception>
    public static FSharpList<Claim> Read(IDisk disk, string path)
    {
        if (disk.DirectoryExists(path))
        {
            throw new BadInputException($"--claims {path}: is a directory, expected a file of claims (see `interp help claims`).");
        }

        var bytes = GivenFile.Read(disk, path, Largest);
        string text;
        try
        {
            text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new BadInputException($"{path}: is no text in UTF-8, expected a file of claims (see `interp help claims`).");
        }

        var read = ClaimsFile.parse(text);
        return read.IsOk ? read.ResultValue : throw new BadInputException($"{path}, {read.ErrorValue}");
    }
}
