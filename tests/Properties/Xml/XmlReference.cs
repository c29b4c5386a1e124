using System.Text;
using Framing.Properties.Decoding;
using Iocp.Core;

namespace Framing.Properties.Xml;

/// <summary>What the reference found: where the frames are, and how the stream ends (refused, cut off, or neither).</summary>
public sealed record ReferenceResult(IReadOnlyList<Range> Frames, FrameRejection? Rejection, int? TruncatedAt)
{
    /// <summary>The same in the words of <see cref="Describe"/>.</summary>
    public List<string> Lines(byte[] stream) =>
    [
        .. Frames.Select((frame, index) => Describe.Frame(index, frame.Start.Value, stream.AsSpan(frame))),
        Rejection is not null ? Describe.Rejected(Rejection)
            : TruncatedAt is { } offset ? Describe.Truncated(offset, stream.Length - offset)
            : Describe.Clean,
    ];
}

/// <summary>
/// The XML documents of docs/framing.md a second time, as a recursive descent over the whole stream, a byte at a time: slow, obvious, and nothing in common with the
/// product's scanner.
/// </summary>
public sealed partial class XmlReference(int maxLength = 1 << 20, int maxDepth = 256)
{
    private byte[] _stream = [];
    private int _start;
    private int _at;
    private bool _isAscii;

    public ReferenceResult Decode(byte[] stream)
    {
        List<Range> frames = [];
        _stream = stream;
        _at = 0;
        bool mark = false;
        while (_at < stream.Length)
        {
            _start = _at;
            try
            {
                if (IsSpace(Peek()))
                {
                    _at++;
                }
                else if (!mark && TakeMark())
                {
                    mark = true;
                }
                else
                {
                    _isAscii = false;
                    Document();
                    if (_isAscii && Array.FindIndex(_stream, _start, _at - _start, b => b > 0x7F) is >= 0 and int beyond)
                    {
                        throw new RefusedException(new FrameRejection("EncodingNotSupported", "US-ASCII", beyond - _start));
                    }

                    frames.Add(_start.._at);
                    mark = false;
                }
            }
            catch (EndOfStreamException)
            {
                return new ReferenceResult(frames, null, _start);
            }
            catch (RefusedException refused)
            {
                return new ReferenceResult(frames, refused.Rejection with { StreamOffset = _start, FrameIndex = frames.Count }, null);
            }
        }

        return new ReferenceResult(frames, null, null);
    }

    private bool TakeMark()
    {
        foreach (byte expected in new byte[] { 0xEF, 0xBB, 0xBF })
        {
            if (Peek() != expected)
            {
                _at = _start;
                return false;
            }

            _at++;
        }

        return true;
    }

    private void Document()
    {
        if (Peek() is (char)0xFE or (char)0xFF)
        {
            Refuse("EncodingNotSupported", "byte order mark");
        }

        while (true)
        {
            TakeSpace();
            if (Peek() != '<')
            {
                Refuse("ContentBeforeRoot", "prolog");
            }

            int markup = _at++;
            switch (Peek())
            {
                case '/':
                    Refuse("UnmatchedEndTag", "end tag");
                    break;
                case '!':
                    Declaration(insideRoot: false);
                    break;
                case '?':
                    Instruction(markup);
                    break;
                default:
                    Element(1);
                    return;
            }
        }
    }

    private void Element(int depth)
    {
        if (!IsNameStart(Peek()))
        {
            Malformed("tag");
        }

        if (depth > maxDepth)
        {
            throw new RefusedException(new FrameRejection("TooDeep", null, depth, maxDepth));
        }

        string name = TakeName();
        if (!IsSpace(Peek()) && Peek() is not ('/' or '>'))
        {
            Malformed("start tag");
        }

        while (Peek() != '>')
        {
            char next = Peek();
            if (next is '<' or '\0')
            {
                Malformed("start tag");
            }

            _at++;
            if (next == '/')
            {
                Expect('>', "start tag");
                return;
            }

            if (next is '"' or '\'')
            {
                while (Peek() != next)
                {
                    if (Peek() is '<' or '\0')
                    {
                        Malformed("attribute value");
                    }

                    _at++;
                }

                _at++;
            }
        }

        _at++;
        Content(name, depth);
    }

    private void Content(string name, int depth)
    {
        while (true)
        {
            while (Peek() != '<')
            {
                if (Peek() == '\0')
                {
                    Malformed("text");
                }

                _at++;
            }

            int markup = _at++;
            switch (Peek())
            {
                case '/':
                    EndTag(name);
                    return;
                case '!':
                    Declaration(insideRoot: true);
                    break;
                case '?':
                    Instruction(markup);
                    break;
                default:
                    Element(depth + 1);
                    break;
            }
        }
    }

    private void EndTag(string name)
    {
        int begin = ++_at;
        foreach (char expected in name)
        {
            if (Peek() != expected)
            {
                if (_at == begin ? IsNameStart(Peek()) : IsName(Peek()) || IsSpace(Peek()) || Peek() == '>')
                {
                    Refuse("UnmatchedEndTag", "end tag");
                }

                Malformed("end tag");
            }

            _at++;
        }

        if (IsName(Peek()))
        {
            Refuse("UnmatchedEndTag", "end tag");
        }

        TakeSpace();
        Expect('>', "end tag");
    }

    private string TakeName()
    {
        int begin = _at;
        while (IsName(Peek()))
        {
            _at++;
        }

        return Encoding.Latin1.GetString(_stream[begin.._at]);
    }

    private void TakeSpace()
    {
        while (IsSpace(Peek()))
        {
            _at++;
        }
    }

    private void Expect(char expected, string construct)
    {
        if (Peek() != expected)
        {
            Malformed(construct);
        }

        _at++;
    }

    private char Peek()
    {
        if (_at - _start == maxLength)
        {
            throw new RefusedException(new FrameRejection("DocumentTooLong", null, null, maxLength));
        }

        return _at < _stream.Length ? (char)_stream[_at] : throw new EndOfStreamException();
    }

    private void Malformed(string construct) => Refuse("MalformedMarkup", construct);

    private void Refuse(string reason, string construct)
        => throw new RefusedException(new FrameRejection(_stream[_at] == 0 ? "EncodingNotSupported" : reason, construct, _at - _start));

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';

    private static bool IsNameStart(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_' or ':' or >= (char)0x80;

    private static bool IsName(char c) => IsNameStart(c) || c is (>= '0' and <= '9') or '-' or '.';

    private sealed class RefusedException(FrameRejection rejection) : Exception
    {
        public FrameRejection Rejection { get; } = rejection;
    }
}
