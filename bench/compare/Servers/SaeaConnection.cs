using System.Net.Sockets;

namespace Framing.Compare;

/// <summary>One connection of <see cref="SaeaServer"/>: never more than one operation outstanding.</summary>
internal sealed class SaeaConnection
{
    private const int FirstBuffer = 4096;
    private const int LargestBuffer = 65_536;

    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _receive = new();
    private readonly SocketAsyncEventArgs _send = new();
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(FirstBuffer);
    private int _length;            // bytes in the buffer
    private int _whole;             // of these, in whole frames: being sent

    public SaeaConnection(Socket socket)
    {
        _socket = socket;
        socket.NoDelay = true;
        _receive.Completed += (_, _) => Run(Received());
        _send.Completed += (_, _) => Run(Sent());
    }

    public void Start() => Run(true);

    // Synchronous completions are turns of this loop.
    private void Run(bool goOn)
    {
        while (goOn)
            goOn = _whole == 0 ? Receive() : Send();
    }

    private bool Receive()
    {
        if (_length == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);      // a frame is shorter than the largest buffer
        _receive.SetBuffer(_buffer, _length, _buffer.Length - _length);
        return !_socket.ReceiveAsync(_receive) && Received();
    }

    private bool Received()
    {
        if (_receive.SocketError != SocketError.Success || _receive.BytesTransferred == 0)
            return Close();
        _length += _receive.BytesTransferred;
        _whole = PacketFrames.Whole(_buffer.AsSpan(0, _length));
        if (_whole < 0)
            return Close();
        if (_whole > 0)
            _send.SetBuffer(_buffer, 0, _whole);
        return true;
    }

    private bool Send() => !_socket.SendAsync(_send) && Sent();

    private bool Sent()
    {
        if (_send.SocketError != SocketError.Success)
            return Close();
        int left = _send.Count - _send.BytesTransferred;
        if (left > 0)
        {
            _send.SetBuffer(_send.Offset + _send.BytesTransferred, left);
            return true;
        }

        bool filled = _length == _buffer.Length && _length < LargestBuffer;
        byte[] buffer = filled ? GC.AllocateUninitializedArray<byte>(_length * 2) : _buffer;
        _buffer.AsSpan(_whole, _length - _whole).CopyTo(buffer);
        _buffer = buffer;
        _length -= _whole;
        _whole = 0;
        return true;
    }

    private bool Close()
    {
        _socket.Dispose();
        _receive.Dispose();
        _send.Dispose();
        return false;
    }
}
