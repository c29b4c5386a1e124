using FsCheck;
using Iocp.Core;

namespace Framing.Properties.Generators;

/// <summary>
/// A length-prefixed format as the tests know it: written down a second time, slowly and without the product's code, so that it can judge.
/// </summary>
public abstract class WireFormat
{
    public abstract IFraming Framing { get; }

    public abstract int HeadSize { get; }

    public abstract int MaxPayload { get; }

    /// <summary>Any legal frame with this payload.</summary>
    public abstract Gen<byte[]> Frame(byte[] payload);

    /// <summary>An illegal header of any kind, with the rejection that it must get, by construction.</summary>
    public abstract Gen<(byte[] Head, FrameRejection Rejection)> MalformedHead { get; }

    /// <summary>Any header bytes, near the limits more often than chance would have it.</summary>
    public abstract Gen<byte[]> AnyHead { get; }

    /// <summary>The rules of docs/framing.md: null and the frame's length, or the rejection.</summary>
    public abstract FrameRejection? Judge(byte[] head, out long frameLength);

    /// <summary>The same frame with less payload.</summary>
    public IEnumerable<byte[]> Simpler(byte[] frame)
    {
        byte[] payload = frame[HeadSize..];
        return payload.Length == 0 ? [] : [WithPayload(frame, payload[..(payload.Length / 2)]), WithPayload(frame, payload[1..])];
    }

    /// <summary>The same frame with another payload.</summary>
    protected abstract byte[] WithPayload(byte[] frame, byte[] payload);
}

/// <summary>Names the variants of a format that properties run on.</summary>
public interface IWireFormats
{
    static abstract WireFormat[] All { get; }
}
