using System.Text;
using Interp.Host.Wording;

namespace Interp.Host.Results;

/// <summary>The held-out loss after some steps of training, nats a letter.</summary>
internal readonly record struct HeldOutLoss(int Step, double Loss);

/// <summary>A learning curve as comma-separated values.</summary>
internal static class LearningCurve
{
    /// <summary>
    /// <c>step,training_loss,held_out_loss</c>: a line for every step, with the loss of its batch before the step and, where it was taken, the held-out loss after it.
    /// A loss that is not known or not finite is left out.
    /// </summary>
    public static string Table(IReadOnlyList<double> trainingLosses, IReadOnlyList<HeldOutLoss> heldOutLosses)
    {
        var heldOut = heldOutLosses.ToDictionary(point => point.Step, point => point.Loss);
        var text = new StringBuilder("step,training_loss,held_out_loss\n");
        for (var step = 1; step <= trainingLosses.Count; step++)
        {
            text.Append(step).Append(',');
            text.Append(Csv.Number(trainingLosses[step - 1])).Append(',');
            if (heldOut.TryGetValue(step, out var loss))
            {
                text.Append(Csv.Number(loss));
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
