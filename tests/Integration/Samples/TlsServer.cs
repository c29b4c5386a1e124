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
    public static async Task ServeAsync(TcpClient client, X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        using (client)
        {
            await using SslStream tls = new(client.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellationToken);
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
