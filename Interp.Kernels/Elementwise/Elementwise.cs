using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>Functions of each element apart, of as many floats as x has. A result may be the same span as an operand of its shape.</summary>
/// <remarks>
/// exp, log, tanh and the logistic function are polynomials, the same bits on every machine and good to 2.4e-7 relative. Functions of one operand raise an
/// <see cref="ArgumentException"/> where the result is shorter than x, those of two where an operand or the result is shorter than the layout needs.
/// </remarks>
public static unsafe partial class Elementwise
{
    private interface IUnary
    {
        static abstract V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct;
    }

    /// <summary>e^x; +infinity above 88.72, 0 below -87.33 (so no subnormal numbers), NaN for NaN.</summary>
    public static void Exp(ReadOnlySpan<float> x, Span<float> result) => Apply<ExpOf>(x, result, 0f);

    /// <summary>The natural logarithm; -infinity at 0 of either sign, NaN below 0 and for NaN.</summary>
    public static void Log(ReadOnlySpan<float> x, Span<float> result) => Apply<LogOf>(x, result, 0f);

    /// <summary>The square root, exactly rounded; NaN below 0.</summary>
    public static void Sqrt(ReadOnlySpan<float> x, Span<float> result) => Apply<SqrtOf>(x, result, 0f);

    /// <summary>The logistic function, 1 / (1 + e^-x).</summary>
    public static void Sigmoid(ReadOnlySpan<float> x, Span<float> result) => Apply<SigmoidOf>(x, result, 0f);

    /// <summary>The hyperbolic tangent.</summary>
    public static void Tanh(ReadOnlySpan<float> x, Span<float> result) => Apply<TanhOf>(x, result, 0f);

    /// <summary>x where it is positive, otherwise 0; NaN for NaN.</summary>
    public static void Relu(ReadOnlySpan<float> x, Span<float> result) => Apply<ReluOf>(x, result, 0f);

    /// <summary>x where it lies within -bound and bound, the nearer of these where it does not; NaN for NaN.</summary>
    public static void Clip(ReadOnlySpan<float> x, float bound, Span<float> result) => Apply<ClipOf>(x, result, bound);

    /// <summary>-g a / b^2, the slope of a quotient a / b in b, rounded once: no product of float32 numbers is too large or too small for float64.</summary>
    /// <exception cref="ArgumentException">b, g or the result is shorter than a.</exception>
    public static void QuotientSlope(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> g, Span<float> result)
    {
        Guard.Length(b.Length, a.Length);
        Guard.Length(g.Length, a.Length);
        Guard.Length(result.Length, a.Length);
        for (var i = 0; i < a.Length; i++)
        {
            result[i] = (float)(-((double)g[i] * a[i]) / ((double)b[i] * b[i]));
        }
    }

    /// <summary>x * factor.</summary>
    public static void Scale(ReadOnlySpan<float> x, float factor, Span<float> result) => Apply<ScaleOf>(x, result, factor);

    private static void Apply<F>(ReadOnlySpan<float> x, Span<float> result, float parameter)
        where F : struct, IUnary
    {
        Guard.Length(result.Length, x.Length);
        fixed (float* source = x, target = result)
        {
            nint done = 0;
            if (Vector512.IsHardwareAccelerated)
            {
                done = Apply<F, Lanes16, Vector512<float>>(source, target, done, x.Length, parameter);
            }

            if (Fused.InHardware)
            {
                done = Apply<F, Lanes8, Vector256<float>>(source, target, done, x.Length, parameter);
            }
            else
            {
                done = Apply<F, Lanes4, Vector128<float>>(source, target, done, x.Length, parameter);
            }

            Apply<F, Lane1, float>(source, target, done, x.Length, parameter);
        }
    }

    private static nint Apply<F, O, V>(float* source, float* target, nint from, nint n, float parameter)
        where F : struct, IUnary
        where O : struct, ILanes<V>
        where V : struct
    {
        var second = O.Create(parameter);
        for (; from <= n - O.Width; from += O.Width)
        {
            O.Store(F.Apply<O, V>(O.Load(source + from), second), target + from);
        }

        return from;
    }

    private readonly struct ExpOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => Polynomials.Exp<O, V>(x);
    }

    private readonly struct LogOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => Polynomials.Log<O, V>(x);
    }

    private readonly struct SqrtOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => O.Sqrt(x);
    }

    private readonly struct SigmoidOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => Polynomials.Sigmoid<O, V>(x);
    }

    private readonly struct TanhOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => Polynomials.Tanh<O, V>(x);
    }

    private readonly struct ReluOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => O.Max(O.Create(0f), x);
    }

    private readonly struct ClipOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => O.IfGreater(O.Abs(x), parameter, O.CopySign(parameter, x), x);
    }

    private readonly struct ScaleOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => O.Multiply(x, parameter);
    }
}
