using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Interp.Kernels;

public static unsafe partial class Elementwise
{
    private interface IBinary
    {
        static abstract V Apply<O, V>(V left, V right)
            where O : struct, ILanes<V>
            where V : struct;
    }

    /// <summary>a + b, broadcast as the layout says; the result is contiguous.</summary>
    public static void Add(BroadcastLayout layout, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result) => Apply<AddOf>(layout, a, b, result);

    /// <summary>a - b, broadcast as the layout says; the result is contiguous.</summary>
    public static void Subtract(BroadcastLayout layout, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result) => Apply<SubtractOf>(layout, a, b, result);

    /// <summary>a b, broadcast as the layout says; the result is contiguous.</summary>
    public static void Multiply(BroadcastLayout layout, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result) => Apply<MultiplyOf>(layout, a, b, result);

    /// <summary>a / b, broadcast as the layout says; the result is contiguous.</summary>
    public static void Divide(BroadcastLayout layout, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result) => Apply<DivideOf>(layout, a, b, result);

    /// <summary>b where a is positive, otherwise 0, NaN where a is NaN: nothing of b is left where a is not positive. Broadcast as the layout says; the result is contiguous.</summary>
    public static void Gate(BroadcastLayout layout, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result) => Apply<GateOf>(layout, a, b, result);

    private static void Apply<F>(BroadcastLayout layout, ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> result)
        where F : struct, IBinary
    {
        Guard.Length(a.Length, layout.ALength);
        Guard.Length(b.Length, layout.BLength);
        Guard.Length(result.Length, layout.Size);
        if (layout.Size == 0)
        {
            return;
        }

        fixed (float* x = a, y = b, r = result)
        {
            Walk<F>(layout, 0, x, y, r);
        }
    }

    /// <summary>Recurs over the outer axes; the two innermost are loops. Returns the end of what it wrote.</summary>
    private static float* Walk<F>(BroadcastLayout layout, int axis, float* a, float* b, float* result)
        where F : struct, IBinary
    {
        var count = layout.Shape[axis];
        nint aStep = layout.A[axis];
        nint bStep = layout.B[axis];
        if (axis < layout.Shape.Length - 2)
        {
            for (nint i = 0; i < count; i++)
            {
                result = Walk<F>(layout, axis + 1, a + (i * aStep), b + (i * bStep), result);
            }

            return result;
        }

        nint inner = layout.Shape[axis + 1];
        nint aInner = layout.A[axis + 1];
        nint bInner = layout.B[axis + 1];
        if (inner == Guard.Lanes && aInner == 1 && bInner == 0)
        {
            return Vector512.IsHardwareAccelerated
                ? Lanes<F, Lanes16, Vector512<float>>(a, aStep, b, bStep, result, count)
                : Lanes<F, Lanes8, Vector256<float>>(a, aStep, b, bStep, result, count);
        }

        for (nint i = 0; i < count; i++)
        {
            Row<F>(a + (i * aStep), aInner, b + (i * bStep), bInner, result, inner);
            result += inner;
        }

        return result;
    }

    /// <summary>Elements of 16 lanes with shared ones: too short a row for the general loop's preparations.</summary>
    private static float* Lanes<F, O, V>(float* a, nint aStep, float* b, nint bStep, float* result, nint count)
        where F : struct, IBinary
        where O : struct, ILanes<V>
        where V : struct
    {
        for (nint i = 0; i < count; i++)
        {
            var right = O.Create(b[i * bStep]);
            for (var lane = 0; lane < Guard.Lanes; lane += O.Width)
            {
                O.Store(F.Apply<O, V>(O.Load(a + (i * aStep) + lane), right), result + (i * Guard.Lanes) + lane);
            }
        }

        return result + (count * Guard.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row<F>(float* a, nint aStep, float* b, nint bStep, float* result, nint n)
        where F : struct, IBinary
    {
        nint done = 0;
        if (aStep is 0 or 1 && bStep is 0 or 1)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                done = Row<F, Lanes16, Vector512<float>>(a, aStep, b, bStep, result, done, n);
            }

            done = Row<F, Lanes8, Vector256<float>>(a, aStep, b, bStep, result, done, n);
        }

        for (; done < n; done++)
        {
            result[done] = F.Apply<Lane1, float>(a[done * aStep], b[done * bStep]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Row<F, O, V>(float* a, nint aStep, float* b, nint bStep, float* result, nint from, nint n)
        where F : struct, IBinary
        where O : struct, ILanes<V>
        where V : struct
    {
        if (from > n - O.Width)
        {
            return from;
        }

        if (aStep == 1 && bStep == 1)
        {
            for (; from <= n - O.Width; from += O.Width)
            {
                O.Store(F.Apply<O, V>(O.Load(a + from), O.Load(b + from)), result + from);
            }
        }
        else if (aStep == 1)
        {
            var right = O.Create(*b);
            for (; from <= n - O.Width; from += O.Width)
            {
                O.Store(F.Apply<O, V>(O.Load(a + from), right), result + from);
            }
        }
        else if (bStep == 1)
        {
            var left = O.Create(*a);
            for (; from <= n - O.Width; from += O.Width)
            {
                O.Store(F.Apply<O, V>(left, O.Load(b + from)), result + from);
            }
        }
        else
        {
            var both = F.Apply<O, V>(O.Create(*a), O.Create(*b));
            for (; from <= n - O.Width; from += O.Width)
            {
                O.Store(both, result + from);
            }
        }

        return from;
    }

    private readonly struct GateOf : IBinary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V left, V right)
            where O : struct, ILanes<V>
            where V : struct => O.IfGreater(left, O.Create(0f), right, O.Max(O.Create(0f), O.IfEqual(left, left, O.Create(0f), left)));
    }

    private readonly struct AddOf : IBinary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V left, V right)
            where O : struct, ILanes<V>
            where V : struct => O.Add(left, right);
    }

    private readonly struct SubtractOf : IBinary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V left, V right)
            where O : struct, ILanes<V>
            where V : struct => O.Subtract(left, right);
    }

    private readonly struct MultiplyOf : IBinary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V left, V right)
            where O : struct, ILanes<V>
            where V : struct => O.Multiply(left, right);
    }

    private readonly struct DivideOf : IBinary
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<O, V>(V left, V right)
            where O : struct, ILanes<V>
            where V : struct => O.Divide(left, right);
    }
}
