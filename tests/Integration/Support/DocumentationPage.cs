namespace Framing.Integration;

/// <summary>A page of docs/, which shows samples that are compiled here.</summary>
internal static class DocumentationPage
{
    public static string Read(string page) => File.ReadAllText(Path.Combine(Root(), "docs", page));

    /// <summary>Path of a sample's file.</summary>
    public static string Sample(string file) => Path.Combine(Root(), "tests", "Integration", "Samples", file);

    /// <summary>The page has the sample's file, word for word.</summary>
    public static void Shows(string page, string sample, string language = "csharp")
        => Assert.Contains($"```{language}\n{File.ReadAllText(Sample(sample))}```", Read(page), StringComparison.Ordinal);

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
