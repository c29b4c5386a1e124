using Framing.Testing;

namespace Samples;

public static class CommandProof
{
    public static void Run(CommandFraming framing) => DecoderProof.Run(framing,
    [
        Sample.Legal("two commands", "SET 1\r\nGET\r\n"u8, ["SET 1"u8.ToArray(), "GET"u8.ToArray()]),
        Sample.Legal("an empty one", "\r\n"u8, [[]]),
        Sample.Legal("CR and LF of their own", "A\rB\nC\r\r\n"u8, ["A\rB\nC\r"u8.ToArray()]),
        Sample.Refused("too long", new byte[200], "CommandTooLong"),
    ], new DecoderProofOptions { Seed = 1 });
}
