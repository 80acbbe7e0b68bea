namespace Interp.Kernels;

/// <summary>A kernel written over any number of lanes; its fields hold its operands.</summary>
internal interface IKernel
{
    /// <summary>Works on the lanes from <paramref name="lane"/> on, as many as <typeparamref name="V"/> holds.</summary>
    void Run<O, V>(int lane)
        where O : struct, ILanes<V>
        where V : struct;
}
