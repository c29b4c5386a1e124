using Iocp.Core;

namespace Framing.Xml;

/// <summary>
/// Finds where a document ends. Every byte is looked at once (where US-ASCII is declared, once more at the end), from the first to the last, whatever the cuts: after
/// <see cref="DecodeResult.NeedMore"/> the scan goes on where it stopped, in the state it had. So every verdict depends on the bytes up to the
/// one that gives it, and on nothing behind them.
/// </summary>
/// <remarks>
/// Between calls <see cref="_position"/> is how many bytes of the document have been looked at. The document is contiguous from its first byte
/// in every call, so names of open elements are kept as places in it. A method for each state understands the bytes from there on; where it is
/// plain what comes next it calls the next method itself, which saves the way through the switch.
/// </remarks>
internal partial struct DocumentScanner(int maxLength, int maxDepth) : IDisposable
{
    private readonly int _maxLength = maxLength;
    private readonly int _maxDepth = maxDepth;
    private ElementName[]? _elements;   // rented: none between documents, and growing with the start tags that came
    private int _depth;                 // elements open
    private int _position;
    private int _markup;                // where the tag, comment, section or instruction in hand begins
    private int _name;                  // where its name begins
    private State _state;
    private bool _markDropped;          // the byte order mark of this document
    private bool _isAscii;              // so it declares

    private enum State : byte
    {
        Prolog,
        Content,
        Markup,                     // behind <
        StartTagName,
        StartTag,                   // behind the name, outside values
        DoubleQuoted,
        SingleQuoted,
        EmptyElement,               // behind the / of a start tag
        EndTagName,
        EndTag,                     // behind the name
        Declaration,                // behind <!
        Comment,
        CommentHyphen,              // behind a - that may begin the end
        CommentHyphens,
        CharacterData,
        CharacterDataBracket,       // behind a ] that may begin the end
        CharacterDataBrackets,
        InstructionTarget,
        InstructionTargetEnd,       // behind a ? that follows the target
        Instruction,
        InstructionEnd,             // behind a ? that may begin the end
        Whole,
    }

    /// <summary>As <see cref="IFrameDecoder.Decode"/>. Ends with a rejection; after a frame the scanner is ready for the next document.</summary>
    public DecodeResult Decode(ReadOnlySpan<byte> unread)
    {
        if (_position == 0 && BetweenDocuments(unread) is { } result)
        {
            return result;
        }

        // The limit cuts what is scanned, not what is judged afterwards: a verdict must not depend on how much of the stream is there.
        ReadOnlySpan<byte> document = unread[..Math.Min(unread.Length, _maxLength)];
        FrameRejection? rejection = Scan(document);
        if (rejection is not null)
        {
            return DecodeResult.Reject(rejection);
        }

        if (_state == State.Whole)
        {
            int length = _position;
            if (_isAscii && document[..length].IndexOfAnyInRange((byte)0x80, (byte)0xFF) is >= 0 and int beyond)
            {
                // To its reader that may be markup: a question mark that ends an instruction, say.
                return DecodeResult.Reject(new FrameRejection(RejectionReasons.EncodingNotSupported, "US-ASCII", beyond));
            }

            Reset();
            return DecodeResult.Frame(length);
        }

        return document.Length < _maxLength
            ? DecodeResult.NeedMore(unread.Length + 1)
            : DecodeResult.Reject(new FrameRejection(RejectionReasons.DocumentTooLong, Limit: _maxLength));
    }

    /// <summary>Whether a byte order mark was dropped whose document has not ended: another one may not follow.</summary>
    public readonly bool IsBehindMark => _markDropped;

    /// <summary>Gives back what is rented.</summary>
    public void Dispose() => Reset();

    private void Reset()
    {
        ReleaseElements();
        _position = 0;
        _state = State.Prolog;
        _markDropped = false;
        _isAscii = false;
    }

    /// <summary>Drops white space and the byte order mark; null when a document begins here.</summary>
    private DecodeResult? BetweenDocuments(ReadOnlySpan<byte> unread)
    {
        int space = unread.IndexOfAnyExcept(XmlBytes.Whitespace);
        if (space != 0)
        {
            return DecodeResult.Skip(space < 0 ? unread.Length : space);
        }

        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (unread[0] == mark[0] && !_markDropped)
        {
            int same = unread.CommonPrefixLength(mark);
            if (same == mark.Length)
            {
                _markDropped = true;
                return DecodeResult.Skip(mark.Length);
            }

            return same == unread.Length ? DecodeResult.NeedMore(unread.Length + 1) : null;
        }

        // UTF-16 and little-endian UTF-32 begin with one of these, big-endian UTF-32 with a NUL; UTF-8 has neither anywhere.
        return unread[0] is 0xFE or 0xFF ? DecodeResult.Reject(Refused(RejectionReasons.EncodingNotSupported, "byte order mark")) : null;
    }

    private FrameRejection? Scan(ReadOnlySpan<byte> document)
    {
        FrameRejection? rejection = null;
        while (rejection is null && _position < document.Length && _state != State.Whole)
        {
            rejection = _state switch
            {
                State.Content => Content(document),
                State.Markup => Markup(document),
                State.StartTagName => StartTagName(document),
                State.StartTag => StartTag(document),
                State.DoubleQuoted => Value(document, (byte)'"'),
                State.SingleQuoted => Value(document, (byte)'\''),
                State.EmptyElement => EmptyElement(document),
                State.EndTagName => EndTagName(document),
                State.EndTag => EndTag(document),
                State.Prolog => Prolog(document),
                State.Declaration => Declaration(document),
                State.Comment => Find(document, (byte)'-', State.CommentHyphen, Comment),
                State.CommentHyphen => CommentHyphen(document),
                State.CommentHyphens => CommentHyphens(document),
                State.CharacterData => Find(document, (byte)']', State.CharacterDataBracket, CharacterData),
                State.CharacterDataBracket => CharacterDataBracket(document),
                State.CharacterDataBrackets => CharacterDataBrackets(document),
                State.InstructionTarget => InstructionTarget(document),
                State.InstructionTargetEnd => InstructionTargetEnd(document),
                State.Instruction => Find(document, (byte)'?', State.InstructionEnd, Instruction),
                _ => InstructionEnd(document),
            };
        }

        return rejection;
    }

    private FrameRejection? Prolog(ReadOnlySpan<byte> document)
    {
        int space = document[_position..].IndexOfAnyExcept(XmlBytes.Whitespace);
        _position = space < 0 ? document.Length : _position + space;
        if (_position == document.Length)
        {
            return null;
        }

        return document[_position] == '<' ? Enter(document) : Refused(document, RejectionReasons.ContentBeforeRoot, "prolog");
    }

    private FrameRejection? Content(ReadOnlySpan<byte> document)
    {
        int found = document[_position..].IndexOfAny((byte)'<', (byte)0);
        if (found < 0)
        {
            _position = document.Length;
            return null;
        }

        _position += found;
        return document[_position] == '<' ? Enter(document) : Malformed(document, "text");
    }

    private FrameRejection? Enter(ReadOnlySpan<byte> document)
    {
        _markup = _position;
        Next(State.Markup);
        return _position < document.Length ? Markup(document) : null;
    }

    /// <summary>Behind the byte in hand, which has been understood.</summary>
    private FrameRejection? Next(State state)
    {
        _position++;
        _state = state;
        return null;
    }

    /// <summary>At the byte in hand, which is for that state to understand.</summary>
    private FrameRejection? Again(State state)
    {
        _state = state;
        return null;
    }

    /// <summary>Looks for a byte that ends something; a NUL is not passed over.</summary>
    private FrameRejection? Find(ReadOnlySpan<byte> document, byte end, State behind, string construct)
    {
        int found = document[_position..].IndexOfAny(end, (byte)0);
        if (found < 0)
        {
            _position = document.Length;
            return null;
        }

        _position += found;
        return document[_position] == end ? Next(behind) : Malformed(document, construct);
    }

    private readonly FrameRejection Malformed(ReadOnlySpan<byte> document, string construct)
        => Refused(document, RejectionReasons.MalformedMarkup, construct);

    // A NUL comes of UTF-16 or UTF-32 without a mark: say so, whatever else it breaks.
    private readonly FrameRejection Refused(ReadOnlySpan<byte> document, string reason, string construct)
        => Refused(document[_position] == 0 ? RejectionReasons.EncodingNotSupported : reason, construct);

    private readonly FrameRejection Refused(string reason, string construct) => new(reason, construct, _position);
}
