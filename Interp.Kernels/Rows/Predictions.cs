using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>Predictions of sixteen sequences, each in a lane, in double precision. Each lane is summed in the order of the tokens.</summary>
public static unsafe class Predictions
{
    /// <summary>logs[token, lane] = logits[token, lane] - log of the sum over tokens of e^logits: log-softmax. NaN where a logit is NaN or +infinity.</summary>
    /// <exception cref="ArgumentException">The operand or the result is shorter than the sizes say.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LogSoftmax(ReadOnlySpan<float> logits, Span<double> logs, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        Guard.Length(logits.Length, (long)tokens * Guard.Lanes);
        Guard.Length(logs.Length, (long)tokens * Guard.Lanes);
        fixed (float* x = logits)
        fixed (double* y = logs)
        {
            for (var lane = 0; lane < Guard.Lanes; lane += 8)
            {
                Eight(x + lane, y + lane, tokens * Guard.Lanes);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Eight(float* x, double* y, nint size)
    {
        var mostLow = Vector256.Create(double.NegativeInfinity);
        var mostHigh = mostLow;
        for (nint at = 0; at < size; at += Guard.Lanes)
        {
            var (low, high) = Vector256.Widen(Vector256.Load(x + at));
            mostLow = Vector256.ConditionalSelect(Vector256.GreaterThan(low, mostLow), low, mostLow);
            mostHigh = Vector256.ConditionalSelect(Vector256.GreaterThan(high, mostHigh), high, mostHigh);
            low.Store(y + at);
            high.Store(y + at + 4);
        }

        Vector256<double> sumLow = Vector256<double>.Zero, sumHigh = sumLow;
        for (nint at = 0; at < size; at += Guard.Lanes)
        {
            sumLow += DoublePolynomials.ExpBelowOverflow(Vector256.Load(y + at) - mostLow);
            sumHigh += DoublePolynomials.ExpBelowOverflow(Vector256.Load(y + at + 4) - mostHigh);
        }

        var logLow = mostLow + DoublePolynomials.Log(sumLow);
        var logHigh = mostHigh + DoublePolynomials.Log(sumHigh);
        for (nint at = 0; at < size; at += Guard.Lanes)
        {
            (Vector256.Load(y + at) - logLow).Store(y + at);
            (Vector256.Load(y + at + 4) - logHigh).Store(y + at + 4);
        }
    }

    /// <summary>e^x of logarithms of shares, so of numbers up to 0, as many as a multiple of sixteen; below e^-708 it is 0.</summary>
    /// <exception cref="ArgumentException">The result is shorter, or the number is none of sixteen.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Shares(ReadOnlySpan<double> logs, Span<double> shares)
    {
        Guard.Length(shares.Length, logs.Length);
        if (logs.Length % Guard.Lanes != 0)
        {
            throw new ArgumentException($"There are {logs.Length} logarithms, expected a multiple of {Guard.Lanes}.", nameof(logs));
        }

        fixed (double* x = logs, y = shares)
        {
            for (nint at = 0; at < logs.Length; at += 8)
            {
                DoublePolynomials.ExpBelowOverflow(Vector256.Load(x + at)).Store(y + at);
                DoublePolynomials.ExpBelowOverflow(Vector256.Load(x + at + 4)).Store(y + at + 4);
            }
        }
    }

    /// <summary>
    /// sums[lane] = the sum over tokens of shares[token, lane] (from[token, lane] - into[token, lane]): the Kullback-Leibler divergence of a prediction from another,
    /// in nats.
    /// </summary>
    /// <exception cref="ArgumentException">An operand or the result is shorter than the sizes say.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Divergences(ReadOnlySpan<double> shares, ReadOnlySpan<double> from, ReadOnlySpan<double> into, Span<double> sums, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        var size = (long)tokens * Guard.Lanes;
        Guard.Length(shares.Length, size);
        Guard.Length(from.Length, size);
        Guard.Length(into.Length, size);
        Guard.Length(sums.Length, Guard.Lanes);
        fixed (double* share = shares, a = from, b = into, sum = sums)
        {
            Vector256<double> p = Vector256<double>.Zero, q = p, r = p, s = p;
            for (nint at = 0; at < size; at += Guard.Lanes)
            {
                p += Vector256.Load(share + at) * (Vector256.Load(a + at) - Vector256.Load(b + at));
                q += Vector256.Load(share + at + 4) * (Vector256.Load(a + at + 4) - Vector256.Load(b + at + 4));
                r += Vector256.Load(share + at + 8) * (Vector256.Load(a + at + 8) - Vector256.Load(b + at + 8));
                s += Vector256.Load(share + at + 12) * (Vector256.Load(a + at + 12) - Vector256.Load(b + at + 12));
            }

            p.Store(sum);
            q.Store(sum + 4);
            r.Store(sum + 8);
            s.Store(sum + 12);
        }
    }

    /// <summary>
    /// best[lane] = the first token of the largest logarithm, and alone[lane] = whether no other one is as large. NaN is never the larger of two; where the first is NaN, it stays.
    /// </summary>
    /// <exception cref="ArgumentException">There are no tokens, or the operand or a result is shorter than the sizes say.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Likeliest(ReadOnlySpan<double> logs, Span<int> best, Span<bool> alone, int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        Guard.Length(logs.Length, (long)tokens * Guard.Lanes);
        Guard.Length(best.Length, Guard.Lanes);
        Guard.Length(alone.Length, Guard.Lanes);
        fixed (double* x = logs)
        {
            for (var lane = 0; lane < Guard.Lanes; lane += Vector256<double>.Count)
            {
                var most = Vector256.Load(x + lane);
                var (place, single) = (Vector256<double>.Zero, Vector256<double>.AllBitsSet);
                for (var token = 1; token < tokens; token++)
                {
                    var log = Vector256.Load(x + ((nint)token * Guard.Lanes) + lane);
                    var larger = Vector256.GreaterThan(log, most);
                    single = Vector256.AndNot(single, Vector256.Equals(log, most)) | larger;
                    place = Vector256.ConditionalSelect(larger, Vector256.Create((double)token), place);
                    most = Vector256.ConditionalSelect(larger, log, most);
                }

                var isSingle = single.ExtractMostSignificantBits();
                for (var i = 0; i < Vector256<double>.Count; i++)
                {
                    best[lane + i] = (int)place[i];
                    alone[lane + i] = ((isSingle >> i) & 1) != 0;
                }
            }
        }
    }
}
