using System.Text;
using Iocp.Core;

namespace Framing.Xml;

/// <summary>Comments, CDATA sections, processing instructions, and the DOCTYPE that is refused.</summary>
internal partial struct DocumentScanner
{
    private const string Comment = "comment";
    private const string CharacterData = "CDATA section";
    private const string Instruction = "processing instruction";

    private FrameRejection? Declaration(ReadOnlySpan<byte> document)
    {
        ReadOnlySpan<byte> keyword = document[_name] switch
        {
            (byte)'-' => "--"u8,
            (byte)'[' => "[CDATA["u8,
            (byte)'D' => "DOCTYPE"u8,
            _ => default,
        };
        int have = _position - _name;
        if (have >= keyword.Length || document[_position] != keyword[have])
        {
            return Malformed(document, "declaration");
        }

        if (have + 1 < keyword.Length)
        {
            return Next(State.Declaration);
        }

        return keyword[0] switch
        {
            (byte)'-' => Next(State.Comment),
            (byte)'[' when _depth > 0 => Next(State.CharacterData),
            (byte)'[' => Refused(RejectionReasons.ContentBeforeRoot, CharacterData),
            _ => Refused(RejectionReasons.DoctypeNotAllowed, "DOCTYPE"),
        };
    }

    private FrameRejection? CommentHyphen(ReadOnlySpan<byte> document)
        => document[_position] == '-' ? Next(State.CommentHyphens) : Again(State.Comment);

    // XML allows -- in a comment only as its end.
    private FrameRejection? CommentHyphens(ReadOnlySpan<byte> document)
        => document[_position] == '>' ? Next(Outside) : Malformed(document, Comment);

    private FrameRejection? CharacterDataBracket(ReadOnlySpan<byte> document)
        => document[_position] == ']' ? Next(State.CharacterDataBrackets) : Again(State.CharacterData);

    private FrameRejection? CharacterDataBrackets(ReadOnlySpan<byte> document) => document[_position] switch
    {
        (byte)'>' => Next(State.Content),
        (byte)']' => Next(State.CharacterDataBrackets),     // of three brackets the last two count
        _ => Again(State.CharacterData),
    };

    private FrameRejection? InstructionTarget(ReadOnlySpan<byte> document)
    {
        if (_position == _name && !XmlBytes.NameStart.Contains(document[_position]))
        {
            return Malformed(document, Instruction);
        }

        int length = document[_position..].IndexOfAnyExcept(XmlBytes.Name);
        if (length < 0)
        {
            _position = document.Length;
            return null;
        }

        _position += length;
        ReadOnlySpan<byte> target = document[_name.._position];
        if (Ascii.EqualsIgnoreCase(target, "xml"u8) && !(_markup == 0 && XmlDeclaration.Begins(document)))
        {
            return Malformed(document, "XML declaration");     // it must come first
        }

        byte next = document[_position];
        return next == '?' ? Next(State.InstructionTargetEnd)
            : XmlBytes.Whitespace.Contains(next) ? Next(State.Instruction)
            : Malformed(document, Instruction);
    }

    private FrameRejection? InstructionTargetEnd(ReadOnlySpan<byte> document)
        => document[_position] == '>' ? EndInstruction(document) : Malformed(document, Instruction);

    private FrameRejection? InstructionEnd(ReadOnlySpan<byte> document) => document[_position] switch
    {
        (byte)'>' => EndInstruction(document),
        (byte)'?' => Next(State.InstructionEnd),                // of two question marks the last counts
        _ => Again(State.Instruction),
    };

    private FrameRejection? EndInstruction(ReadOnlySpan<byte> document)
    {
        string? reason = _markup == 0 && XmlDeclaration.Begins(document) ? XmlDeclaration.Judge(document[..(_position + 1)], out _isAscii) : null;
        return reason is null ? Next(Outside) : Refused(reason, "XML declaration");
    }

    private readonly State Outside => _depth > 0 ? State.Content : State.Prolog;
}
