using Interp.Runs.Endings;

namespace Interp;

/// <summary>How what goes wrong reaches a caller that is no command of the program.</summary>
internal static class Telling
{
    /// <summary>Does something; what the caller gave and cannot be used raises <see cref="RefusedException"/>, what the machine refused <see cref="IOException"/>.</summary>
    public static T Caller<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (BadInputException refused)
        {
            throw new RefusedException(refused.Message);
        }
        catch (FailedException failed)
        {
            throw new IOException(failed.Message, failed);
        }
    }
}
