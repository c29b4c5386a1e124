using System.Buffers;
using System.IO.Pipelines;
using Framing.Binary;
using Framing.Properties.Generators;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Decoding;

/// <summary>How the enumeration of a <see cref="FramePipeReader"/> ends other than with its stream.</summary>
public sealed class PipeReaderTests
{
    private static readonly byte[] s_frame = [.. PacketHeadFormat.Head(3, 1, 3, 7), 1, 2, 3];

    private readonly Pipe _pipe = new();

    [Fact]
    public async Task CancelPendingRead_ends_the_enumeration_also_inside_a_frame()
    {
        await using FramePipeReader reader = new(_pipe.Reader, BinaryFraming.Create());
        await using IAsyncEnumerator<ReceivedFrame> frames = reader.ReceiveAllAsync().GetAsyncEnumerator();
        await _pipe.Writer.WriteAsync((byte[])[.. s_frame, 1, 2]);
        Assert.True(await Next(frames));
        Assert.Equal(s_frame, Take(frames));

        Task<bool> waiting = Next(frames);
        Assert.False(waiting.IsCompleted);
        _pipe.Reader.CancelPendingRead();
        Assert.False(await waiting);
    }

    [Fact]
    public async Task What_came_before_CancelPendingRead_is_still_returned()
    {
        await using FramePipeReader reader = new(_pipe.Reader, BinaryFraming.Create());
        await _pipe.Writer.WriteAsync((byte[])[.. s_frame, .. s_frame]);
        _pipe.Reader.CancelPendingRead();
        await using IAsyncEnumerator<ReceivedFrame> frames = reader.ReceiveAllAsync().GetAsyncEnumerator();
        for (int i = 0; i < 2; i++)
        {
            Assert.True(await Next(frames));
            Assert.Equal(s_frame, Take(frames));
        }

        Assert.False(await Next(frames));
    }

    [Fact]
    public async Task A_frame_says_which_it_is_though_it_has_no_connection()
    {
        await using FramePipeReader reader = new(_pipe.Reader, BinaryFraming.Create());
        await using IAsyncEnumerator<ReceivedFrame> frames = reader.ReceiveAllAsync().GetAsyncEnumerator();
        await _pipe.Writer.WriteAsync(s_frame);
        Assert.True(await Next(frames));
        Assert.Equal($"frame 0 of a pipe: {s_frame.Length} bytes at 0", $"{frames.Current}");
    }

    [Fact]
    public async Task A_second_enumeration_is_refused_also_after_the_first_has_ended()
    {
        await using FramePipeReader reader = new(_pipe.Reader, BinaryFraming.Create());
        await using IAsyncEnumerator<ReceivedFrame> first = reader.ReceiveAllAsync().GetAsyncEnumerator();
        Task<bool> waiting = Next(first);
        await RefusedAsync();
        await _pipe.Writer.CompleteAsync();
        Assert.False(await waiting);
        await RefusedAsync();

        async Task RefusedAsync()
        {
            await using IAsyncEnumerator<ReceivedFrame> second = reader.ReceiveAllAsync().GetAsyncEnumerator();
            await Assert.ThrowsAsync<InvalidOperationException>(() => Next(second));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_token_ends_the_waiting(bool beforehand)
    {
        using CancellationTokenSource cancellation = new();
        await using FramePipeReader reader = new(_pipe.Reader, BinaryFraming.Create());
        await using IAsyncEnumerator<ReceivedFrame> frames = reader.ReceiveAllAsync(cancellation.Token).GetAsyncEnumerator();
        if (beforehand)
        {
            await cancellation.CancelAsync();
        }

        Task<bool> waiting = Next(frames);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Dispose_completes_the_reader_and_disposes_the_decoder_once()
    {
        OnceFraming framing = new();
        FramePipeReader reader = new(_pipe.Reader, framing);
        await using (IAsyncEnumerator<ReceivedFrame> frames = reader.ReceiveAllAsync().GetAsyncEnumerator())
        {
            await _pipe.Writer.WriteAsync(s_frame);
            Assert.True(await Next(frames));
            frames.Current.Dispose();
        }

        Assert.False((await _pipe.Writer.FlushAsync()).IsCompleted);    // the end of an enumeration is not yet the end of the reader
        await reader.DisposeAsync();
        await reader.DisposeAsync();
        Assert.True((await _pipe.Writer.FlushAsync()).IsCompleted);
        Assert.Equal(1, framing.Disposed);
        await using IAsyncEnumerator<ReceivedFrame> late = reader.ReceiveAllAsync().GetAsyncEnumerator();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Next(late));
    }

    [Fact]
    public async Task Dispose_ends_an_enumeration_that_waits_for_bytes_also_inside_a_frame()
    {
        OnceFraming framing = new();
        FramePipeReader reader = new(_pipe.Reader, framing);
        await using IAsyncEnumerator<ReceivedFrame> frames = reader.ReceiveAllAsync().GetAsyncEnumerator();
        await _pipe.Writer.WriteAsync((byte[])[.. PacketHeadFormat.Head(100, 1, 100, 7), .. new byte[50]]);
        Task<bool> waiting = Next(frames);
        Assert.False(waiting.IsCompleted);
        await reader.DisposeAsync();
        Assert.False(await waiting);
        Assert.Equal((1, false), (framing.Disposed, framing.Misused));
        Assert.True((await _pipe.Writer.FlushAsync()).IsCompleted);
        Assert.False(await Next(frames));
    }

    [Fact]
    public async Task Dispose_between_two_frames_of_a_read_ends_the_enumeration_and_leaves_the_frame_in_hand()
    {
        OnceFraming framing = new();
        FramePipeReader reader = new(_pipe.Reader, framing);
        await using IAsyncEnumerator<ReceivedFrame> frames = reader.ReceiveAllAsync().GetAsyncEnumerator();
        await _pipe.Writer.WriteAsync((byte[])[.. s_frame, .. s_frame]);
        Assert.True(await Next(frames));
        await reader.DisposeAsync();
        Assert.Equal((1, false), (framing.Disposed, framing.Misused));      // nobody was at work: done when the dispose returns
        Assert.True((await _pipe.Writer.FlushAsync()).IsCompleted);
        Assert.Equal(s_frame, Take(frames));
        Assert.False(await Next(frames));
        Assert.False(framing.Misused);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_beside_a_decoder_at_work_leaves_it_to_the_enumeration_to_dispose_that(bool whole)
    {
        using ManualResetEventSlim atWork = new();
        using ManualResetEventSlim goOn = new();
        OnceFraming framing = new()
        {
            WhileDecoding = () =>
            {
                atWork.Set();
                Assert.True(goOn.Wait(Hang.Limit));
            },
        };
        FramePipeReader reader = new(_pipe.Reader, framing);
        await using IAsyncEnumerator<ReceivedFrame> frames = reader.ReceiveAllAsync().GetAsyncEnumerator();
        Task<bool> waiting = Next(frames);
        await _pipe.Writer.WriteAsync(whole ? s_frame : (byte[])[.. PacketHeadFormat.Head(100, 1, 100, 7), .. new byte[50]]);
        Assert.True(atWork.Wait(Hang.Limit));
        await reader.DisposeAsync();
        Assert.Equal((0, false), (framing.Disposed, framing.Misused));
        goOn.Set();
        Assert.Equal(whole, await waiting);
        if (whole)
        {
            Assert.Equal(s_frame, Take(frames));
        }

        Assert.False(await Next(frames));
        Assert.Equal((1, false), (framing.Disposed, framing.Misused));
        Assert.True((await _pipe.Writer.FlushAsync()).IsCompleted);
    }

    [Fact]
    public async Task Dispose_beside_bytes_that_arrive_lets_nothing_be_decoded_any_more_once_the_decoder_is_disposed()
    {
        byte[] bytes = [.. s_frame, .. s_frame, .. PacketHeadFormat.Head(100, 1, 100, 7), .. new byte[50]];
        for (int round = 0; round < 2000; round++)
        {
            Pipe pipe = new();
            using ManualResetEventSlim atWork = new();
            OnceFraming framing = new()
            {
                WhileDecoding = () =>
                {
                    atWork.Set();
                    Thread.SpinWait(100);
                },
            };
            FramePipeReader reader = new(pipe.Reader, framing);
            Task<int> reading = Task.Run(ReadAsync);
            Task writing = Task.Run(async () => await pipe.Writer.WriteAsync(bytes));
            if (round % 2 == 0)
            {
                Assert.True(atWork.Wait(Hang.Limit));      // otherwise it may come before the first byte
            }

            Thread.SpinWait(round % 50 * 10);
            await reader.DisposeAsync();
            await writing.Bounded();
            Assert.InRange(await reading.Bounded(), 0, 2);
            Assert.Equal((1, false), (framing.Disposed, framing.Misused));
            Assert.True((await pipe.Writer.FlushAsync()).IsCompleted);

            async Task<int> ReadAsync()
            {
                int count = 0;
                try
                {
                    await foreach (ReceivedFrame frame in reader.ReceiveAllAsync())
                    {
                        Assert.Equal(s_frame, frame.Bytes.ToArray());
                        frame.Dispose();
                        count++;
                    }
                }
                catch (ObjectDisposedException) when (count == 0)
                {
                    // It had not begun.
                }

                return count;
            }
        }
    }

    [Fact]
    public async Task A_decoder_that_throws_as_it_is_disposed_does_not_keep_the_pipe_open()
    {
        FramePipeReader reader = new(_pipe.Reader, new OnceFraming { Failure = new InvalidOperationException("kept") });
        Assert.Equal("kept", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.DisposeAsync())).Message);
        Assert.True((await _pipe.Writer.FlushAsync()).IsCompleted);
    }

    private static Task<bool> Next(IAsyncEnumerator<ReceivedFrame> frames) => frames.MoveNextAsync().AsTask().Bounded();

    private static byte[] Take(IAsyncEnumerator<ReceivedFrame> frames)
    {
        using ReceivedFrame frame = frames.Current;
        return frame.Bytes.ToArray();
    }

    /// <summary>Binary framing whose decoder is to be disposed.</summary>
    private sealed class OnceFraming : IFraming, IFrameDecoder, IDisposable
    {
        private readonly IFrameDecoder _decoder = BinaryFraming.Create().CreateDecoder();

        private int _decoding;
        private int _disposed;

        public int Disposed => Volatile.Read(ref _disposed);

        /// <summary>Whether it was asked when it had been disposed, or disposed while it was asked.</summary>
        public bool Misused { get; private set; }

        /// <summary>What happens inside each call, so that others come beside it.</summary>
        public Action? WhileDecoding { get; init; }

        public string Name => "once";

        public int MaxFrameLength => 10_000;

        public IFrameDecoder CreateDecoder() => this;

        public FrameRejection? CheckOutgoing(ReadOnlySpan<byte> data) => null;

        public DecodeResult Decode(ReadOnlySpan<byte> unread)
        {
            Interlocked.Increment(ref _decoding);
            Misused |= Disposed > 0;
            WhileDecoding?.Invoke();
            DecodeResult result = _decoder.Decode(unread);
            Misused |= Disposed > 0;
            Interlocked.Decrement(ref _decoding);
            return result;
        }

        public Exception? Failure { get; init; }

        public void Dispose()
        {
            Misused |= Volatile.Read(ref _decoding) > 0;
            Interlocked.Increment(ref _disposed);
            if (Failure is not null)
            {
                throw Failure;
            }
        }
    }
}
