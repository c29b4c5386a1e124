using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Framing.Compare;

/// <summary>Kestrel without HTTP: a ConnectionHandler over its pipes, all whole frames of a read written and flushed at once.</summary>
/// <param name="inline">
/// As little between socket and handler as its options allow: handler and sends on the thread where a receive completes, which is the runtime's epoll
/// thread, and the buffer taken before there is something to read. Not for handlers that block.
/// </param>
internal sealed class KestrelServer(bool inline) : IEchoServer
{
    public async Task<int> StartAsync()
    {
        if (inline)
            Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");    // before the first socket
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseConnectionHandler<Echo>()));
        builder.WebHost.UseSockets(sockets =>
        {
            sockets.Backlog = 4096;
            if (inline)
            {
                sockets.UnsafePreferInlineScheduling = true;
                sockets.WaitForDataBeforeAllocatingBuffer = false;
            }
        });
        builder.Services.AddSingleton<Echo>();
        WebApplication app = builder.Build();
        await app.StartAsync();
        return new Uri(app.Urls.First()).Port;
    }

    private sealed class Echo : ConnectionHandler
    {
        public override async Task OnConnectedAsync(ConnectionContext connection)
        {
            PipeReader input = connection.Transport.Input;
            PipeWriter output = connection.Transport.Output;
            try
            {
                while (true)
                {
                    ReadResult read = await input.ReadAsync();
                    long whole = PacketFrames.Whole(read.Buffer);
                    if (whole < 0 || read.IsCanceled)
                        return;
                    if (whole > 0)
                    {
                        foreach (ReadOnlyMemory<byte> piece in read.Buffer.Slice(0, whole))
                            output.Write(piece.Span);
                        await output.FlushAsync();
                    }

                    if (read.IsCompleted)
                        return;
                    input.AdvanceTo(read.Buffer.GetPosition(whole), read.Buffer.End);
                }
            }
            catch (ConnectionResetException)
            {
                // The client's way of closing in W8.
            }
        }
    }
}
