using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Framing.Binary;
using Iocp.Core;

namespace Samples;

/// <summary>Sends every frame back, through TLS: the runtime's stream brings the bytes, and the same decoder finds the frames.</summary>
public static class TlsServer
{
    private static readonly TimeSpan s_handshakeTimeout = TimeSpan.FromSeconds(10);

    public static async Task ServeAsync(TcpClient client, X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        using (client)
        {
            await using SslStream tls = new(client.GetStream());
            using (CancellationTokenSource handshake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
            {
                handshake.CancelAfter(s_handshakeTimeout);
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, handshake.Token);
            }

            await using FramePipeReader frames = new(PipeReader.Create(tls, new StreamPipeReaderOptions(leaveOpen: true)), BinaryFraming.Create());
            await foreach (ReceivedFrame frame in frames.ReceiveAllAsync(cancellationToken))
            {
                using (frame)
                {
                    await tls.WriteAsync(frame.Bytes, cancellationToken);
                }
            }
        }
    }
}
