using Interp.Runs.Wording;

namespace Interp.Runs.Results;

/// <summary>The held-out loss after some steps of training.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="Loss">Nats a token.</param>
public readonly record struct HeldOutLoss(int Step, double Loss)
{
    /// <summary>Steps taken.</summary>
    public int Step { get; init; } = Step;

    /// <summary>Nats a token.</summary>
    public double Loss { get; init; } = Loss;
}

/// <summary>A learning curve as comma-separated values.</summary>
internal static class LearningCurve
{
    /// <summary>
    /// <c>step,training_loss,held_out_loss</c>: a line for every step, with the loss of its batch before the step and, where it was taken, the held-out loss after it.
    /// A loss that is not known or not finite is left out.
    /// </summary>
    public static byte[] Table(IReadOnlyList<double> trainingLosses, IReadOnlyList<HeldOutLoss> heldOutLosses)
    {
        var heldOut = heldOutLosses.ToDictionary(point => point.Step, point => point.Loss);
        using var bytes = new MemoryStream();
        using var text = new StreamWriter(bytes) { NewLine = "\n" };
        text.WriteLine("step,training_loss,held_out_loss");
        for (var step = 1; step <= trainingLosses.Count; step++)
        {
            text.Write(step);
            text.Write(',');
            text.Write(Csv.Number(trainingLosses[step - 1]));
            text.Write(',');
            if (heldOut.TryGetValue(step, out var loss))
            {
                text.Write(Csv.Number(loss));
            }

            text.WriteLine();
        }

        text.Flush();
        return bytes.ToArray();
    }
}
