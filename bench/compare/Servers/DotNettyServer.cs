using System.Net;
using DotNetty.Buffers;
using DotNetty.Codecs;
using DotNetty.Transport.Bootstrapping;
using DotNetty.Transport.Channels;
using DotNetty.Transport.Channels.Sockets;

namespace Framing.Compare;

/// <summary>DotNetty: its own length-field decoder, replies written frame by frame and flushed at the end of a read.</summary>
internal sealed class DotNettyServer : IEchoServer
{
    public async Task<int> StartAsync()
    {
        IChannel channel = await new ServerBootstrap()
            .Group(new MultithreadEventLoopGroup(1), new MultithreadEventLoopGroup(1))
            .Channel<TcpServerSocketChannel>()
            .Option(ChannelOption.SoBacklog, 4096)
            .ChildOption(ChannelOption.TcpNodelay, true)
            .ChildHandler(new ActionChannelInitializer<ISocketChannel>(child => child.Pipeline.AddLast(
                new LengthFieldBasedFrameDecoder(ByteOrder.LittleEndian, PacketFrames.MaxFrameLength, 8, 2, 2, 0, failFast: true),
                new Echo())))
            .BindAsync(IPAddress.Loopback, 0);
        return ((IPEndPoint)channel.LocalAddress).Port;
    }

    private sealed class Echo : ChannelHandlerAdapter
    {
        public override void ChannelRead(IChannelHandlerContext context, object message) => context.WriteAsync(message);

        public override void ChannelReadComplete(IChannelHandlerContext context) => context.Flush();

        public override void ExceptionCaught(IChannelHandlerContext context, Exception exception) => context.CloseAsync();
    }
}
