namespace Interp

/// Philox4x32-10: ten rounds of multiplication and exclusive-or turn (counter, key) into four random words
/// (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
module internal Philox =

    /// 128 bits as four words, the lowest first.
    [<Struct>]
    type Block = { A: uint32; B: uint32; C: uint32; D: uint32 }

    /// The four words for a 128-bit counter and a 64-bit key (low word first).
    let block (counter: Block) (key: uint64) : Block =
        let mutable a = counter.A
        let mutable b = counter.B
        let mutable c = counter.C
        let mutable d = counter.D
        let mutable k0 = uint32 key
        let mutable k1 = uint32 (key >>> 32)

        for _ in 1..10 do
            let p0 = uint64 a * 0xD2511F53UL
            let p1 = uint64 c * 0xCD9E8D57UL
            a <- uint32 (p1 >>> 32) ^^^ b ^^^ k0
            c <- uint32 (p0 >>> 32) ^^^ d ^^^ k1
            b <- uint32 p1
            d <- uint32 p0
            k0 <- k0 + 0x9E3779B9u
            k1 <- k1 + 0xBB67AE85u

        { A = a; B = b; C = c; D = d }
