using System.IO.Hashing;

namespace Framing.Binary;

internal static class Checksums
{
    public static uint Compute(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> bytes) => algorithm == ChecksumAlgorithm.Crc32C
        ? Crc32.HashToUInt32(Crc32ParameterSet.Crc32C, bytes)
        : Crc32.HashToUInt32(bytes);
}
