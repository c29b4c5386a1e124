using System.Net;
using System.Net.Sockets;

namespace Framing.Compare;

/// <summary>
/// SocketAsyncEventArgs used well and plainly: two a connection with one buffer, read, echo its whole frames in one send, read on. The
/// buffer begins small, since it is most of what an idle connection costs, and grows where reads fill it.
/// </summary>
/// <param name="inlineCompletions">Completions on the runtime's epoll thread instead of the thread pool: its own experimental switch.</param>
internal sealed class SaeaServer(bool inlineCompletions) : IEchoServer
{
    public Task<int> StartAsync()
    {
        if (inlineCompletions)
            Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");    // before the first socket
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(4096);
        var accept = new SocketAsyncEventArgs();
        accept.Completed += (_, _) => Accept(listener, accept, completed: true);
        ThreadPool.QueueUserWorkItem(_ => Accept(listener, accept, completed: false));
        return Task.FromResult(((IPEndPoint)listener.LocalEndPoint!).Port);
    }

    private static void Accept(Socket listener, SocketAsyncEventArgs accept, bool completed)
    {
        while (completed || !listener.AcceptAsync(accept))
        {
            completed = false;
            if (accept.SocketError == SocketError.Success)
                new SaeaConnection(accept.AcceptSocket!).Start();
            accept.AcceptSocket = null;
        }
    }
}
