using System.Buffers;
using Iocp.Core;

namespace Framing.Xml;

/// <summary>Tags: each end tag must name the element that is open.</summary>
internal partial struct DocumentScanner
{
    /// <summary>Where the name of an open element stands in the document.</summary>
    private readonly record struct ElementName(int Start, int Length);

    private FrameRejection? Markup(ReadOnlySpan<byte> document)
    {
        byte first = document[_position];
        _name = _position + 1;
        switch (first)
        {
            case (byte)'/':
                if (_depth == 0)
                {
                    return Refused(RejectionReasons.UnmatchedEndTag, "end tag");
                }

                Next(State.EndTagName);
                return EndTagName(document);
            case (byte)'!':
                return Next(State.Declaration);
            case (byte)'?':
                return Next(State.InstructionTarget);
        }

        if (!XmlBytes.NameStart.Contains(first))
        {
            return Malformed(document, "tag");
        }

        if (_depth == _maxDepth)
        {
            return new FrameRejection(RejectionReasons.TooDeep, Value: _depth + 1, Limit: _maxDepth);
        }

        _name = _position;
        Next(State.StartTagName);
        return StartTagName(document);
    }

    private FrameRejection? StartTagName(ReadOnlySpan<byte> document)
    {
        int length = document[_position..].IndexOfAnyExcept(XmlBytes.Name);
        if (length < 0)
        {
            _position = document.Length;
            return null;
        }

        _position += length;
        Open(new ElementName(_name, _position - _name));
        return document[_position] switch
        {
            (byte)'>' => Next(State.Content),
            (byte)'/' => Next(State.EmptyElement),
            byte other when XmlBytes.Whitespace.Contains(other) => Next(State.StartTag),
            _ => Malformed(document, "start tag"),
        };
    }

    private FrameRejection? StartTag(ReadOnlySpan<byte> document)
    {
        int found = document[_position..].IndexOfAny(XmlBytes.InsideTag);
        if (found < 0)
        {
            _position = document.Length;
            return null;
        }

        _position += found;
        byte next = document[_position];
        if (next is (byte)'"' or (byte)'\'')
        {
            Next(next == '"' ? State.DoubleQuoted : State.SingleQuoted);
            return Value(document, next);
        }

        return next switch
        {
            (byte)'>' => Next(State.Content),
            (byte)'/' => Next(State.EmptyElement),
            _ => Malformed(document, "start tag"),
        };
    }

    // A < in a value is illegal, and mostly the sign of a quote that is missing.
    private FrameRejection? Value(ReadOnlySpan<byte> document, byte quote)
    {
        int found = document[_position..].IndexOfAny(quote, (byte)'<', (byte)0);
        if (found < 0)
        {
            _position = document.Length;
            return null;
        }

        _position += found;
        return document[_position] == quote ? Next(State.StartTag) : Malformed(document, "attribute value");
    }

    private FrameRejection? EmptyElement(ReadOnlySpan<byte> document)
        => document[_position] == '>' ? Close() : Malformed(document, "start tag");

    private FrameRejection? EndTagName(ReadOnlySpan<byte> document)
    {
        ElementName open = _elements![_depth - 1];
        int have = _position - _name;
        ReadOnlySpan<byte> expected = document.Slice(open.Start + have, open.Length - have);
        ReadOnlySpan<byte> rest = document[_position..];
        int same = rest.CommonPrefixLength(expected);
        _position += same;
        if (same == expected.Length)
        {
            Again(State.EndTag);
            return _position < document.Length ? EndTag(document) : null;
        }

        return same == rest.Length ? null : Mismatch(document);
    }

    private FrameRejection? EndTag(ReadOnlySpan<byte> document)
    {
        byte next = document[_position];
        if (next == '>')
        {
            return Close();
        }

        if (XmlBytes.Whitespace.Contains(next))
        {
            return Next(State.EndTag);
        }

        return XmlBytes.Whitespace.Contains(document[_position - 1]) ? Malformed(document, "end tag") : Mismatch(document);
    }

    /// <summary>The byte in hand is not the one that the name of the open element has there.</summary>
    private readonly FrameRejection Mismatch(ReadOnlySpan<byte> document)
    {
        byte actual = document[_position];
        bool isName = _position == _name
            ? XmlBytes.NameStart.Contains(actual)
            : actual == '>' || XmlBytes.Name.Contains(actual) || XmlBytes.Whitespace.Contains(actual);
        return Refused(document, isName ? RejectionReasons.UnmatchedEndTag : RejectionReasons.MalformedMarkup, "end tag");
    }

    private void Open(ElementName element)
    {
        if (_elements is null || _depth == _elements.Length)
        {
            ElementName[] larger = ArrayPool<ElementName>.Shared.Rent(_depth + 1);
            _elements.AsSpan(0, _depth).CopyTo(larger);
            ReleaseArray();
            _elements = larger;
        }

        _elements[_depth++] = element;
    }

    private FrameRejection? Close()
    {
        _depth--;
        return Next(_depth > 0 ? State.Content : State.Whole);
    }

    private void ReleaseElements()
    {
        _depth = 0;
        ReleaseArray();
    }

    private void ReleaseArray()
    {
        if (_elements is { } rented)
        {
            _elements = null;
            ArrayPool<ElementName>.Shared.Return(rented);
        }
    }
}
