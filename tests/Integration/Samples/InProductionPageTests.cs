using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Framing.Binary;
using Iocp.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samples;

namespace Framing.Integration;

/// <summary>The examples of docs/in-production.md: the page shows these files, and they do what is said there.</summary>
public sealed class InProductionPageTests
{
    private static readonly IPEndPoint s_anyPort = new(IPAddress.Loopback, 0);

    [Theory]
    [InlineData("ChatServer.cs")]
    [InlineData("FrameService.cs")]
    [InlineData("Inquirer.cs")]
    [InlineData("LookupServer.cs")]
    [InlineData("ServerMetrics.cs")]
    [InlineData("TlsServer.cs")]
    public void The_page_shows_the_sample_that_is_tested_here(string file) => DocumentationPage.Shows("in-production.md", file);

    [Fact]
    public async Task Many_questions_at_once_get_their_own_answers_and_none_is_left_waiting()
    {
        await using FrameServer server = PacketServer.Create(s_anyPort);
        await server.StartAsync();
        await using Inquirer inquirer = new(server.EndPoints[0]);
        byte[][] questions = [.. Enumerable.Range(0, 200).Select(i => BitConverter.GetBytes(i))];
        Assert.Equal(questions, await Task.WhenAll(questions.Select(question => inquirer.AskAsync(question))).Bounded());

        Assert.Equal(1, server.GetStatistics().Accepted);
    }

    [Fact]
    public async Task Whoever_asks_after_the_server_has_gone_is_told_and_the_next_finds_its_successor()
    {
        // Of a UNIX socket, which is nobody else's between the two.
        using SocketFile file = new();
        var got = new Signal();
        FrameServer first = Create(new DelegateHandler((_, _) => got.Set()));       // and no answer
        await first.StartAsync();
        await using Inquirer inquirer = new(file.EndPoint);
        byte[] question = [1, 2, 3];
        Task<byte[]> unanswered = inquirer.AskAsync(question);
        await got.WaitAsync();
        await first.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => unanswered.Bounded());
        await Assert.ThrowsAsync<SocketException>(() => inquirer.AskAsync(question).Bounded());

        await using FrameServer second = Create(new PacketServer());
        await second.StartAsync();
        Assert.Equal(question, await inquirer.AskAsync(question).Bounded());

        FrameServer Create(IFrameHandler handler) => new(new FrameServerOptions
        {
            Listeners = { new ListenerOptions { EndPoint = file.EndPoint, Framing = BinaryFraming.Create() } },
            Handler = handler,
        });
    }

    [Fact]
    public async Task What_takes_time_is_answered_in_its_turn_also_to_a_peer_that_has_finished_sending()
    {
        var found = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FrameServer server = new LookupServer(_ => found.Task).Create(s_anyPort);
        await server.StartAsync();
        using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
        byte[] first = Packets.Make(3, 1, LookupServer.Ping);
        byte[] lookup = Packets.Make(0, 2, LookupServer.Lookup);
        byte[] last = Packets.Make(5, 3, LookupServer.Ping);
        await client.SendAsync((byte[])[.. first, .. lookup, .. last]);
        client.FinishSending();
        Assert.Equal(first, await client.ReceiveFrameAsync());
        byte[] answer = Packets.Make(4, 2, LookupServer.Lookup);
        found.SetResult(answer[PacketHead.Size..]);
        Assert.Equal(answer, await client.ReceiveFrameAsync());
        Assert.Equal(last, await client.ReceiveFrameAsync());
        Assert.Empty(await client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task What_cannot_be_found_ends_the_connection()
    {
        await using FrameServer server = new LookupServer(_ => Task.FromException<byte[]>(new IOException("gone"))).Create(s_anyPort);
        await server.StartAsync();
        using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
        await client.SendAsync(Packets.Make(0, 2, LookupServer.Lookup));
        Assert.Empty(await client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task A_line_reaches_everybody_but_who_wrote_it()
    {
        await using ChatServer chat = new(s_anyPort);
        await chat.Server.StartAsync();
        using PlainClient ada = await JoinAsync("Ada");
        using PlainClient bob = await JoinAsync("Bob");
        await ada.SendAsync("hello\n"u8.ToArray());
        Assert.Equal("Ada: hello\n"u8.ToArray(), await bob.ReceiveAsync(11));
        await bob.SendAsync("bye\n"u8.ToArray());
        bob.FinishSending();
        Assert.Equal("Bob: bye\n"u8.ToArray(), await ada.ReceiveAsync(9));
        Assert.Empty(await bob.ReceiveToEndAsync());

        async Task<PlainClient> JoinAsync(string name)
        {
            PlainClient client = await PlainClient.ConnectAsync(chat.Server.EndPoints[0]);
            Assert.Equal("Your name?\n"u8.ToArray(), await client.ReceiveAsync(11));
            await client.SendAsync(System.Text.Encoding.ASCII.GetBytes($"{name}\n"));
            return client;
        }
    }

    [Fact]
    public async Task A_hosted_server_starts_and_stops_with_its_host_and_a_port_in_use_fails_the_start()
    {
        using IHost host = Build(s_anyPort);
        await host.StartAsync();
        FrameServer server = host.Services.GetRequiredService<FrameServer>();
        using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
        await client.SendAsync(Packets.Make(20, serial: 7, PacketServer.Question));
        Assert.Equal(Packets.Make(20, serial: 7, PacketServer.Answer), await client.ReceiveFrameAsync());

        using (IHost second = Build((IPEndPoint)server.EndPoints[0]))
        {
            await Assert.ThrowsAsync<ListenException>(() => second.StartAsync());
        }

        Task stopping = host.StopAsync();
        Assert.Empty(await client.ReceiveToEndAsync());
        client.FinishSending();
        await stopping.Bounded();
        Assert.True(server.Completion.IsCompletedSuccessfully);

        static IHost Build(IPEndPoint endPoint) => Hosting(services => new FrameServer(new FrameServerOptions
        {
            Listeners = { new ListenerOptions { EndPoint = endPoint, Framing = BinaryFraming.Create() } },
            Handler = new PacketServer(),
            LoggerFactory = services.GetRequiredService<ILoggerFactory>(),
        }));
    }

    [Fact]
    public async Task A_host_stops_after_the_last_handler_and_the_last_notification()
    {
        var mayEnd = new Signal();
        bool ended = false, notified = false;
        using IHost host = Hosting(_ => new FrameServer(new FrameServerOptions
        {
            Listeners = { new ListenerOptions { EndPoint = s_anyPort, Framing = BinaryFraming.Create() } },
            ConnectionHandler = async (connection, frames, _) =>
            {
                await foreach (ReceivedFrame frame in frames)
                {
                    frame.Dispose();
                }

                await mayEnd.WaitAsync();
                ended = true;
            },
            Closed = _ => notified = true,
        }));
        await host.StartAsync();
        FrameServer server = host.Services.GetRequiredService<FrameServer>();
        using PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]);
        await Eventually.EqualAsync(1, () => server.ConnectionCount, "the number of connections");
        Task stopping = host.StopAsync();
        Assert.Empty(await client.ReceiveToEndAsync());
        client.FinishSending();
        await server.Completion.Bounded();
        mayEnd.Set();
        await stopping.Bounded();
        Assert.True(ended && notified);
    }

    [Fact]
    public async Task What_a_server_has_done_is_collected()
    {
        await using FrameServer server = PacketServer.Create(s_anyPort);
        await server.StartAsync();
        using (PlainClient client = await PlainClient.ConnectAsync(server.EndPoints[0]))
        {
            await client.SendAsync(Packets.Make(20, serial: 7, PacketServer.Question));
            await client.ReceiveFrameAsync();
        }

        await Eventually.EqualAsync(0, () => server.ConnectionCount, "the number of connections");
        await using FrameClient idle = new(new FrameClientOptions { Framing = BinaryFraming.Create() });
        using ServerMetrics metrics = new(server, "packets"), others = new(idle, "upstream");
        Dictionary<string, long> collected = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == "Framing")
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => collected[Name(instrument) + (tags.IsEmpty ? "" : " " + tags[0].Value)] = value);
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => collected[Name(instrument)] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(
            [
                new("packets: framing.connections", 0), new("packets: framing.connections.accepted", 1), new("packets: framing.connections.closed RemoteClosed", 1),
                new("packets: framing.frames.received", 1), new("packets: framing.queue", 0), new("packets: framing.received", 32), new("packets: framing.sends.refused", 0),
                new("packets: framing.sent", 32),
            ],
            collected.Where(metric => metric.Key.StartsWith("packets", StringComparison.Ordinal)).OrderBy(metric => metric.Key, StringComparer.Ordinal));
        Assert.Equal(0, collected["upstream: framing.received"]);

        static string Name(Instrument instrument) => $"{instrument.Meter.Tags!.Single().Value}: {instrument.Name}";
    }

    [Fact]
    public async Task Frames_come_back_through_TLS()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using TcpListener listener = new(s_anyPort);
        listener.Start();
        using TcpClient client = new();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        Task serving = TlsServer.ServeAsync(await listener.AcceptTcpClientAsync(), certificate, CancellationToken.None);
        await using (SslStream tls = new(client.GetStream(), leaveInnerStreamOpen: false, (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString()))
        {
            await tls.AuthenticateAsClientAsync("localhost").Bounded();
            byte[] frames = Packets.MakeMany([20, 0, 3000]);
            foreach (byte[] part in frames.Chunk(1000))
            {
                await tls.WriteAsync(part);
            }

            byte[] back = new byte[frames.Length];
            await tls.ReadExactlyAsync(back).AsTask().Bounded();
            Assert.Equal(frames, back);
            await tls.ShutdownAsync();
        }

        await serving.Bounded();
    }

    private static IHost Hosting(Func<IServiceProvider, FrameServer> create)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(create);
        builder.Services.AddHostedService<FrameService>();
        return builder.Build();
    }
}
