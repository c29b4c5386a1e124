using System.Net;
using System.Text;
using System.Xml.Linq;
using Framing.Xml;
using Iocp.Core;

namespace Samples;

/// <summary>Takes orders, one XML document each, and answers every one with its total.</summary>
public static class OrderServer
{
    public static FrameServer Create(IPEndPoint endPoint) => new(new FrameServerOptions
    {
        Listeners =
        {
            new ListenerOptions { EndPoint = endPoint, Framing = XmlFraming.Document(new XmlDocumentOptions { MaxDocumentLength = 64 * 1024, MaxDepth = 8 }) },
        },
        ConnectionHandler = async (connection, frames, closed) =>
        {
            await foreach (ReceivedFrame frame in frames)
            {
                using (frame)
                {
                    XElement order = XElement.Load(new MemoryStream(frame.Bytes.ToArray()));
                    decimal total = order.Elements("item").Sum(item => (int)item.Attribute("count")! * (decimal)item.Attribute("price")!);
                    await connection.SendAsync(Encoding.UTF8.GetBytes(new XElement("total", total).ToString()), closed);
                }
            }
        },
    });
}
