namespace Framing.Integration;

/// <summary>A page of docs/, which shows samples that are compiled here.</summary>
internal static class DocumentationPage
{
    public static string Read(string page) => File.ReadAllText(Path.Combine(Root(), "docs", page));

    /// <summary>The page has the sample's file, word for word.</summary>
    public static void Shows(string page, string sample)
    {
        string code = File.ReadAllText(Path.Combine(Root(), "tests", "Integration", "Samples", sample));
        Assert.Contains($"```csharp\n{code}```", Read(page), StringComparison.Ordinal);
    }

    private static string Root()
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Framing.sln")))
        {
            root = root.Parent;
        }

        Assert.NotNull(root);
        return root.FullName;
    }
}
