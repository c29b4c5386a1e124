using BenchmarkDotNet.Attributes;
using Framing.Binary;
using Iocp.Core;

namespace Framing.Benchmarks;

/// <summary>A stream of 256 frames through the assembler, in reads of several sizes. Times are for one frame.</summary>
[MemoryDiagnoser]
public class DecoderBenchmarks
{
    private const int Frames = 256;
    private const int MaxFrameLength = 8204;

    private readonly PinnedArrayPool _pool = new();
    private readonly byte[] _small = Packets.Stream(Frames, 64);
    private readonly byte[] _large = Packets.Stream(Frames, 4000);
    private readonly byte[] _user = UserHead.Stream(Frames, 64);
    private FrameAssembler _packets = new(BinaryFraming.Create().CreateDecoder());
    private FrameAssembler _layouts = new(new LayoutFraming(HeaderLayout.PacketHead).CreateDecoder());
    private FrameAssembler _users = new(new PacketFraming<UserHead>().CreateDecoder());

    /// <summary>64 bytes of payload, the whole stream in one read.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Frames)]
    public int SmallInOneRead() => Decode(ref _packets, _small, _small.Length);

    /// <summary>4,000 bytes of payload, the whole stream in one read.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public int LargeInOneRead() => Decode(ref _packets, _large, _large.Length);

    /// <summary>The same stream and rules, the header declared as data.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public int LayoutInOneRead() => Decode(ref _layouts, _small, _small.Length);

    /// <summary>A header of the user's own.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public int UserHeadInOneRead() => Decode(ref _users, _user, _user.Length);

    /// <summary>Reads of 100 bytes: every frame of 76 is cut, or follows a cut one. What carrying over costs.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public int SmallCut() => Decode(ref _packets, _small, 100);

    /// <summary>Reads of 1,460 bytes: every large frame comes in three pieces.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public int LargeCut() => Decode(ref _packets, _large, 1460);

    /// <summary>The worst network there is.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public int SmallByteByByte() => Decode(ref _packets, _small, 1);

    private int Decode(ref FrameAssembler assembler, byte[] stream, int read)
    {
        int frames = 0;
        for (int offset = 0; offset < stream.Length; offset += read)
        {
            ReadOnlySpan<byte> input = stream.AsSpan(offset, Math.Min(read, stream.Length - offset));
            while (assembler.Next(ref input, _pool, MaxFrameLength, out _) == AssemblerStatus.Frame)
                frames++;
        }

        return frames == Frames ? frames : throw new InvalidOperationException($"{frames} frames instead of {Frames}.");
    }
}
