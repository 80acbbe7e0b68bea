namespace Interp.Runs.Results;

/// <summary>Tokens with the names that a vocabulary has for them.</summary>
internal sealed record NamedText(Vocabulary Names, Tokens Tokens)
{
    private readonly int[] numbers = Tokens.ToArray();

    public int Length => numbers.Length;

    /// <summary>The number of the token at a position.</summary>
    public int this[int position] => numbers[position];

    /// <summary>A token's name as a table or a picture shows it: white space between quotes, what does not print escaped.</summary>
    public static string Label(Vocabulary names, int token)
    {
        var name = Quote.text(VocabularyModule.name(names, token));
        return string.IsNullOrWhiteSpace(name) ? $"'{name}'" : name;
    }

    /// <summary>What the token at a position is called.</summary>
    public string Label(int position) => Label(Names, numbers[position]);

    /// <summary>The token at a position with that position: "A0", and "12@0" where names may be numbers.</summary>
    public string Place(int position) => VocabularyModule.separator(Names).Length == 0 ? $"{Label(position)}{position}" : $"{Label(position)}@{position}";

    /// <summary>The tokens up to a position, itself included.</summary>
    public NamedText UpTo(int position) => new(Names, TokensModule.slice(0, position + 1, Tokens));

    /// <summary>The text, as a vocabulary reads it.</summary>
    public override string ToString() => VocabularyModule.toText(Names, Tokens);
}
