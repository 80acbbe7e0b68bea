using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Interp.Kernels;

/// <summary>Functions of each element apart. A result may be the same span as an operand of its shape.</summary>
public static unsafe partial class Elementwise
{
    private interface IUnary
    {
        static abstract V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct;
    }

    /// <summary>e^x, 1.2e-7 relative; 0 below -87.3.</summary>
    public static void Exp(ReadOnlySpan<float> x, Span<float> result) => Apply<ExpOf>(x, result, 0f);

    public static void Log(ReadOnlySpan<float> x, Span<float> result) => Apply<LogOf>(x, result, 0f);

    public static void Sqrt(ReadOnlySpan<float> x, Span<float> result) => Apply<SqrtOf>(x, result, 0f);

    public static void Reciprocal(ReadOnlySpan<float> x, Span<float> result) => Apply<ReciprocalOf>(x, result, 0f);

    /// <summary>1 / (1 + e^-x).</summary>
    public static void Sigmoid(ReadOnlySpan<float> x, Span<float> result) => Apply<SigmoidOf>(x, result, 0f);

    public static void Tanh(ReadOnlySpan<float> x, Span<float> result) => Apply<TanhOf>(x, result, 0f);

    /// <summary>x where positive, otherwise 0; NaN stays NaN.</summary>
    public static void Relu(ReadOnlySpan<float> x, Span<float> result) => Apply<ReluOf>(x, result, 0f);

    /// <summary>1 where x is positive, otherwise 0.</summary>
    public static void Step(ReadOnlySpan<float> x, Span<float> result) => Apply<StepOf>(x, result, 0f);

    /// <summary>1, -1 or 0 (also for NaN).</summary>
    public static void Sign(ReadOnlySpan<float> x, Span<float> result) => Apply<SignOf>(x, result, 0f);

    public static void Negate(ReadOnlySpan<float> x, Span<float> result) => Apply<NegateOf>(x, result, 0f);

    public static void Abs(ReadOnlySpan<float> x, Span<float> result) => Apply<AbsOf>(x, result, 0f);

    /// <summary>x * factor.</summary>
    public static void Scale(ReadOnlySpan<float> x, float factor, Span<float> result) => Apply<ScaleOf>(x, result, factor);

    public static void Copy(ReadOnlySpan<float> x, Span<float> result) => x.CopyTo(result);

    /// <summary>sum += x.</summary>
    public static void AddInPlace(Span<float> sum, ReadOnlySpan<float> x)
    {
        Guard.Length(sum.Length, x.Length);
        fixed (float* left = sum, right = x)
        {
            Row<AddOf>(left, 1, right, 1, left, x.Length);
        }
    }

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

            done = Apply<F, Lanes8, Vector256<float>>(source, target, done, x.Length, parameter);
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

    private readonly struct ReciprocalOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => O.Divide(O.Create(1f), x);
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

    private readonly struct StepOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => O.IfGreater(x, O.Create(0f), O.Create(1f), O.Create(0f));
    }

    private readonly struct SignOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => O.IfGreater(x, O.Create(0f), O.Create(1f), O.IfGreater(O.Create(0f), x, O.Create(-1f), O.Create(0f)));
    }

    private readonly struct NegateOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => O.Negate(x);
    }

    private readonly struct AbsOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => O.Abs(x);
    }

    private readonly struct ScaleOf : IUnary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V x, V parameter)
            where O : struct, ILanes<V>
            where V : struct => O.Multiply(x, parameter);
    }
}
