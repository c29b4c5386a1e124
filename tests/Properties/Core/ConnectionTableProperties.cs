using FsCheck;
using FsCheck.Xunit;
using Iocp.Core;
using Xunit;

namespace Framing.Properties.Core;

public sealed class ConnectionTableProperties
{
    private sealed record Item(ConnectionId Id);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1 << 24)]
    public void Size_out_of_range_is_refused(int maxConnections) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConnectionTable<Item>(maxConnections));

    /// <summary>Any sequence of reserve, publish, release and wrong calls, with every id ever given out looked up after each step.</summary>
    [Property(MaxTest = 300)]
    public void Ids_never_alias(byte size, bool nearWrap, Tuple<byte, byte>[] steps)
    {
        int maxConnections = (size % 6) + 1;
        ConnectionTable<Item> table = new(maxConnections, nearWrap ? ConnectionId.MaxGeneration - 1 : 1);
        List<ConnectionId> everGiven = [];
        Dictionary<ConnectionId, Item?> inUse = [];
        foreach ((byte kind, byte which) in steps)
        {
            ConnectionId id = everGiven.Count == 0 ? default : everGiven[^((which % everGiven.Count) + 1)];
            switch (kind % 4)
            {
                case 0 or 1:
                    Assert.Equal(inUse.Count < maxConnections, table.TryReserve(out ConnectionId reserved));
                    if (inUse.Count < maxConnections)
                    {
                        Assert.NotEqual(0, reserved.Generation);
                        Assert.DoesNotContain(reserved, everGiven);
                        everGiven.Add(reserved);
                        inUse.Add(reserved, null);
                    }

                    break;
                case 2 when inUse.TryGetValue(id, out Item? present) && present is null:
                    table.Publish(id, inUse[id] = new Item(id));
                    break;
                case 2:
                    Assert.Throws<InvalidOperationException>(() => table.Publish(id, new Item(id)));
                    break;
                case 3 when inUse.Remove(id):
                    table.Release(id);
                    break;
                default:
                    Assert.Throws<InvalidOperationException>(() => table.Release(id));
                    break;
            }

            Assert.Equal(inUse.Count, table.Count);
            Assert.Equal(inUse.Values.OfType<Item>().ToHashSet(), table.Items.ToHashSet());
            foreach (ConnectionId given in everGiven)
            {
                Item? expected = inUse.GetValueOrDefault(given);
                Assert.Equal(expected is not null, table.TryGet(given, out Item? found));
                Assert.Same(expected, found);
            }
        }
    }

    [Property]
    public void What_was_never_given_out_is_found_by_nobody(ushort slot, byte generation, byte published)
    {
        ConnectionTable<Item> table = new(256);
        for (int i = 0; i < published; i++)
        {
            PublishNew(table);
        }

        ConnectionId id = new(slot % 300, generation % 3);
        bool given = id.Slot < published && id.Generation == 1;
        Assert.Equal(given, table.TryGet(id, out _));
        Assert.False(table.TryGet(default, out _));
        Assert.False(table.TryGet(new ConnectionId(ConnectionId.MaxSlots - 1, 1), out _));
        Assert.False(table.TryGet(new ConnectionId(ulong.MaxValue), out _));
        Assert.False(table.TryGet(new ConnectionId(published, 1), out _));
        if (!given)
        {
            Assert.Throws<InvalidOperationException>(() => table.Release(id));
        }
    }

    [Property]
    public void The_slot_freed_longest_ago_is_used_first(byte size, int seed)
    {
        ConnectionTable<Item> table = new(size + 1);
        ConnectionId[] ids = [.. Enumerable.Range(0, size + 1).Select(_ => PublishNew(table))];
        new Random(seed).Shuffle(ids);
        foreach (ConnectionId id in ids)
        {
            table.Release(id);
        }

        ConnectionId[] again = [.. ids.Select(_ => PublishNew(table))];
        Assert.Equal(ids.Select(id => id.Slot), again.Select(id => id.Slot));
        Assert.All(again, id => Assert.Equal(2, id.Generation));
    }

    [Fact]
    public void A_lone_client_that_reconnects_walks_over_many_slots()
    {
        ConnectionTable<Item> table = new(1_000_000);
        for (int i = 0; i < ConnectionTable<Item>.MinFreeForReuse * 3; i++)
        {
            ConnectionId id = PublishNew(table);
            Assert.Equal(i % ConnectionTable<Item>.MinFreeForReuse, id.Slot);
            Assert.Equal((i / ConnectionTable<Item>.MinFreeForReuse) + 1, id.Generation);
            table.Release(id);
        }
    }

    [Fact]
    public void Generations_wrap_to_1()
    {
        ConnectionTable<Item> table = new(1, ConnectionId.MaxGeneration);
        ConnectionId last = PublishNew(table);
        Assert.Equal(ConnectionId.MaxGeneration, last.Generation);
        table.Release(last);
        ConnectionId first = PublishNew(table);
        Assert.Equal(new ConnectionId(0, 1), first);
        Assert.False(table.TryGet(last, out _));
        Assert.True(table.TryGet(first, out _));
    }

    [Fact]
    public void A_million_connections()
    {
        const int Million = 1_000_000;
        ConnectionTable<Item> table = new(Million);
        HashSet<ConnectionId> ids = new(Million);
        for (int i = 0; i < Million; i++)
        {
            Assert.True(ids.Add(PublishNew(table)));
        }

        Assert.False(table.TryReserve(out _));
        Assert.Equal(Million, table.Count);
        int seen = 0;
        foreach (Item item in table.Items)
        {
            seen++;
            if (!ids.Remove(item.Id) || !table.TryGet(item.Id, out Item? found) || found != item)
            {
                Assert.Fail($"{item.Id} was seen twice or is not found");
            }

            table.Release(item.Id);
        }

        Assert.Equal(Million, seen);
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void The_greatest_table_can_be_filled_to_its_last_slot()
    {
        ConnectionTable<Item> table = new(ConnectionTable<Item>.MaxCapacity);
        ConnectionId last = default;
        while (table.TryReserve(out ConnectionId id))
        {
            last = id;
        }

        Assert.Equal(ConnectionTable<Item>.MaxCapacity - 1, last.Slot);
        table.Publish(last, new Item(last));
        Assert.True(table.TryGet(last, out _));
        table.Release(last);
        Assert.True(table.TryReserve(out last));
        Assert.Equal(2, last.Generation);
    }

    [Theory]
    [InlineData(1)] // every reuse is of the slot being looked at
    [InlineData(3)]
    public void A_lookup_during_reuse_finds_its_own_item_or_nothing(int maxConnections)
    {
        const int Rounds = 500_000;
        ConnectionTable<Item> table = new(maxConnections);
        ulong latest = 0;
        bool done = false;

        void Churn()
        {
            for (int i = 0; i < Rounds; i++)
            {
                ConnectionId id = PublishNew(table);
                Volatile.Write(ref latest, id.Value);
                table.Release(id);
            }

            Volatile.Write(ref done, true);
        }

        void LookUp()
        {
            while (!Volatile.Read(ref done))
            {
                ConnectionId id = new(Volatile.Read(ref latest));
                for (int i = 0; i < 20; i++)
                {
                    if (table.TryGet(id, out Item? item) && item.Id != id)
                    {
                        Assert.Fail($"{id} gave the item of {item.Id}");
                    }
                }

                Assert.InRange(table.Items.Count(), 0, maxConnections);
            }
        }

        Threads.Run(Churn, LookUp, LookUp);
        Assert.Equal(0, table.Count);
        Assert.Empty(table.Items);
    }

    [Fact]
    public void Threads_reserve_and_release_without_ever_sharing_a_slot()
    {
        const int Slots = 5;
        ConnectionTable<Item> table = new(Slots);
        int[] owners = new int[Slots];
        Action reserveAndRelease = () =>
        {
            for (int i = 0; i < 100_000; i++)
            {
                if (table.TryReserve(out ConnectionId id))
                {
                    Assert.Equal(1, Interlocked.Increment(ref owners[id.Slot]));
                    table.Publish(id, new Item(id));
                    Assert.True(table.TryGet(id, out Item? item) && item.Id == id);
                    Interlocked.Decrement(ref owners[id.Slot]);
                    table.Release(id);
                    Assert.False(table.TryGet(id, out _));
                }
            }
        };
        Threads.Run(reserveAndRelease, reserveAndRelease, reserveAndRelease);
        Assert.Equal(0, table.Count);
    }

    private static ConnectionId PublishNew(ConnectionTable<Item> table)
    {
        Assert.True(table.TryReserve(out ConnectionId id));
        table.Publish(id, new Item(id));
        return id;
    }
}
