using System.Buffers;
using Iocp.Core;

namespace Framing.Fuzz;

/// <summary>
/// One input is a choice, a cutting and a stream: byte 0 chooses the framing, byte 1 says how many sizes of reads follow, the rest is the
/// stream, read in these sizes over and over (0 is 256). However it is cut the same must come of it, and the decoder must keep its contract;
/// what breaks that throws, and the fuzzer keeps the input.
/// </summary>
internal static class Harness
{
    private const int MostSizes = 7;
    private static readonly byte[] s_whole = [];

    public static void Run(IFraming[] framings, ReadOnlySpan<byte> input)
    {
        if (input.Length < 2)
            return;

        IFraming framing = framings[input[0] % framings.Length];
        int sizes = Math.Min(input[1] % (MostSizes + 1), input.Length - 2);
        ReadOnlySpan<byte> cutting = input.Slice(2, sizes);
        ReadOnlySpan<byte> stream = input[(2 + sizes)..];
        Outcome whole = Read(framing, stream, s_whole);
        Outcome cut = Read(framing, stream, cutting);
        bool eachReadIsAFrame = framing.Name == "xml-raw";
        if (!eachReadIsAFrame && !whole.Equals(cut))
            throw new ContractException($"{framing.Name}: at once {whole}; cut {cut}");
        if (eachReadIsAFrame && cut.FrameBytes != stream.Length)
            throw new ContractException($"{framing.Name}: {cut.FrameBytes} of {stream.Length} bytes came");

        CheckOutgoing(framing, stream, whole);
    }

    private static Outcome Read(IFraming framing, ReadOnlySpan<byte> stream, ReadOnlySpan<byte> sizes)
    {
        CheckedDecoder decoder = new(framing.CreateDecoder(), framing.MaxFrameLength);
        FrameAssembler assembler = new(decoder);
        ulong hash = 14695981039346656037;
        long frameBytes = 0;
        AssemblerStatus status = AssemblerStatus.NeedMore;
        for (int at = 0, read = 0; at < stream.Length && status == AssemblerStatus.NeedMore; read++)
        {
            int size = sizes.IsEmpty ? stream.Length : sizes[read % sizes.Length] is var some and > 0 ? some : 256;
            ReadOnlySpan<byte> bytes = stream.Slice(at, Math.Min(size, stream.Length - at));
            at += bytes.Length;
            while ((status = assembler.Next(ref bytes, ArrayPool<byte>.Shared, framing.MaxFrameLength, out Frame frame)) == AssemblerStatus.Frame)
            {
                if (frame.Bytes.Length > framing.MaxFrameLength || frame.StreamOffset < 0 || frame.StreamOffset + frame.Bytes.Length > at)
                    throw new ContractException($"frame {frame.Index} of {frame.Bytes.Length} bytes at {frame.StreamOffset}, and {at} bytes have come");
                if (!decoder.HasAssembled && !frame.Bytes.SequenceEqual(stream.Slice((int)frame.StreamOffset, frame.Bytes.Length)))
                    throw new ContractException($"frame {frame.Index} at {frame.StreamOffset} has not the bytes of the stream");
                hash = (((hash ^ (ulong)frame.StreamOffset) * 1099511628211) ^ (ulong)frame.Bytes.Length) * 1099511628211;
                foreach (byte b in decoder.HasAssembled ? frame.Bytes : default)
                    hash = (hash ^ b) * 1099511628211;
                frameBytes += frame.Bytes.Length;
            }

            if (assembler.Capacity > 2 * at)
                throw new ContractException($"{assembler.Capacity} bytes are rented for {at} bytes that came");
        }

        if (status == AssemblerStatus.Failed)
            throw new ContractException(assembler.Error!.Message, assembler.Error);
        Outcome outcome = new(
            assembler.FrameIndex, frameBytes, hash, assembler.Rejection, assembler.Rejection is null && assembler.InsideFrame,
            assembler.Rejection is null && assembler.InsideFrame ? assembler.BytesHeld : 0);
        assembler.Release(ArrayPool<byte>.Shared);
        return outcome;
    }

    // What would be received as whole frames may be sent, and nothing else.
    private static void CheckOutgoing(IFraming framing, ReadOnlySpan<byte> stream, Outcome incoming)
    {
        FrameRejection? outgoing = framing.CheckOutgoing(stream);
        bool sendable = incoming is { Rejection: null, InsideFrame: false, Frames: > 0 };
        if (sendable != (outgoing is null) || (incoming.Rejection is not null && incoming.Rejection != outgoing))
            throw new ContractException($"{framing.Name}: received {incoming}; sent {outgoing}");
    }

    private readonly record struct Outcome(long Frames, long FrameBytes, ulong Hash, FrameRejection? Rejection, bool InsideFrame, int BytesHeld);
}

/// <summary>A broken contract: what the fuzzer looks for.</summary>
internal sealed class ContractException(string message, Exception? inner = null) : Exception(message, inner);
