using System.Text.RegularExpressions;

namespace Interp.Host.Results;

/// <summary>How a quantity's values are written.</summary>
internal enum QuantityKind
{
    /// <summary>A loss, in nats.</summary>
    Nats,

    /// <summary>A share of one.</summary>
    Share,

    /// <summary>An eigenvalue score, from −1 to 1.</summary>
    Score,

    /// <summary>Any number: a user's own.</summary>
    Number,
}

/// <summary>What a quantity of <c>Quantities.measure</c> is called where people read it.</summary>
/// <param name="Family">The heading that it stands under.</param>
/// <param name="Title">Few words, for a picture.</param>
/// <param name="Sentence">What was measured.</param>
/// <param name="Kind">How its values are written.</param>
internal sealed partial record QuantityWords(string Family, string Title, string Sentence, QuantityKind Kind)
{
    private const string Behaviour = "What the models do";
    private const string Circuits = "Circuits";
    private const string Attention = "Where heads look";
    private const string Ablation = "Heads and paths taken away";
    private const string Own = "Others";

    /// <summary>The families, in the order of a report.</summary>
    public static readonly IReadOnlyList<string> Families = [Behaviour, Circuits, Attention, Ablation, Own];

    /// <summary>The words for a quantity; one that nobody has described keeps its name.</summary>
    public static QuantityWords Of(string name)
    {
        var parts = Layered().Match(name);
        var (what, layer, which) = parts.Success ? (parts.Groups["what"].Value, parts.Groups["layer"].Value, parts.Groups["which"].Value) : (name, string.Empty, string.Empty);
        return what switch
        {
            "ov" => OV(layer, which),
            "ov_sum" => new(Circuits, $"Heads of layer {layer} together", $"eigenvalue score of the sum of layer {layer}’s OV circuits: 1 is pure copying", QuantityKind.Score),
            "attention_block_back" => new(Attention, $"Attention to what followed last time, layer {layer}", $"mean attention to the letter that followed the current one in the block before, the layer’s strongest head", QuantityKind.Share),
            "attention_nearby" => new(Attention, $"Attention nearby, layer {layer}", "share of attention on the current letter and the two before it, after the first block, mean over heads", QuantityKind.Share),
            "attention_overlap" => new(Attention, $"Likeness of heads, layer {layer}", "average attention that the layer’s two least similar heads have in common", QuantityKind.Share),
            "previous_token" => new(Attention, $"Attention to the letter before, layer {layer}", "the layer’s strongest head, mean over blocks of 3 to 12 letters", QuantityKind.Share),
            "prefix_matching" => new(Attention, $"Prefix matching, layer {layer}", "attention to what followed any earlier occurrence of the current letter, the layer’s strongest head, mean over blocks of 3 to 12 letters", QuantityKind.Share),
            "ablation_rise" => new(Ablation, $"Loss added without a head, layer {layer}", "rise of the loss when one head of the layer writes nothing, the head that is missed the least", QuantityKind.Nats),
            _ => Whole(name),
        };
    }

    /// <summary>A value as a reader wants it.</summary>
    public string Show(double value) => Kind switch
    {
        QuantityKind.Nats or QuantityKind.Score => Words.Nats(value),
        QuantityKind.Share => Words.Percent(value),
        _ => Words.Minus(Math.Round(value, 4) + 0.0),
    };

    /// <summary>A difference of two values.</summary>
    public string ShowDifference(double value) => Kind == QuantityKind.Share ? $"{Words.Hundredth(100 * value)}\u00A0points" : Show(value);

    /// <summary>The unit for a picture's axis.</summary>
    public string Unit => Kind switch
    {
        QuantityKind.Nats => "nats a letter",
        QuantityKind.Share => "%",
        QuantityKind.Score => "eigenvalue score",
        _ => string.Empty,
    };

    private static QuantityWords OV(string layer, string which)
    {
        var head = which switch
        {
            "max" => "highest",
            "min" => "lowest",
            _ => $"{Ordinal(which["rank_".Length..])} highest",
        };
        return new(Circuits, $"OV score, {head} head of layer {layer}", $"OV eigenvalue score of layer {layer}’s {head} head: 1 copies, −1 does the opposite", QuantityKind.Score);
    }

    private static string Ordinal(string number) => number switch
    {
        "2" => "second",
        "3" => "third",
        "4" => "fourth",
        "5" => "fifth",
        _ => $"{number}th",
    };

    private static QuantityWords Whole(string name) => name switch
    {
        "held_out_loss" => new(Behaviour, "Held-out loss", "mean cross-entropy on sequences that training did not see", QuantityKind.Nats),
        "loss_above_floor" => new(Behaviour, "Loss above the floor", "held-out loss beyond the least that any model can have", QuantityKind.Nats),
        "in_context_learning" => new(Behaviour, "In-context learning", "loss of the last letter minus that of the first: below zero where the context helps", QuantityKind.Nats),
        "path_direct" => new(Ablation, "Loss, keys and queries cut", "loss where the second layer’s keys and queries read the embedding alone", QuantityKind.Nats),
        "path_direct_k" => new(Ablation, "Loss, queries cut", "loss where the second layer’s keys may read the first layer, its queries not", QuantityKind.Nats),
        "path_direct_q" => new(Ablation, "Loss, keys cut", "loss where the second layer’s queries may read the first layer, its keys not", QuantityKind.Nats),
        "path_direct_kq" => new(Ablation, "Loss, nothing cut", "loss where both may read the first layer: the whole model", QuantityKind.Nats),
        "path_synergy" => new(Ablation, "Gain of both together", "what keys and queries that read the first layer bring together beyond the sum of what each brings alone", QuantityKind.Nats),
        "direct_path" => new(Circuits, "Direct path", "eigenvalue score of W_E W_U: −1 where every letter speaks against itself", QuantityKind.Score),
        "k_composition_previous_min" => new(Circuits, "K-composition, previous-letter head", "eigenvalue score of the K-composition term through the first layer’s previous-letter head, the later head with the least", QuantityKind.Score),
        "k_composition_others_max" => new(Circuits, "K-composition, other heads", "the largest eigenvalue score of a K-composition term through another head of the first layer", QuantityKind.Score),
        _ => Prompts(name),
    };

    private static QuantityWords Prompts(string name)
    {
        var parts = Prompt().Match(name);
        if (!parts.Success)
        {
            return new(Own, name, name, QuantityKind.Number);
        }

        var (kind, prompts) = parts.Groups["kind"].Value switch
        {
            "distinct" => ("patterns without repeats", "prompts of two blocks of different letters"),
            "repeated" => ("patterns with repeats", "prompts of two blocks with some letter twice"),
            _ => ("no pattern", "prompts of two blocks that have nothing to do with each other"),
        };
        return parts.Groups["what"].Value switch
        {
            "completed" => new(Behaviour, $"Prompts completed, {kind}", $"share of {prompts} that are continued without a wrong letter", QuantityKind.Share),
            "letters_right" => new(Behaviour, $"Letters right, {kind}", $"share of right letters behind {prompts}", QuantityKind.Share),
            "repeat_rate" => new(Behaviour, $"Doubled letters, {kind}", $"share of written letters that equal the letter before, behind {prompts}", QuantityKind.Share),
            _ => new(Behaviour, $"Letters from the prompt, {kind}", $"share of written letters that occur in the prompt, behind {prompts}", QuantityKind.Share),
        };
    }

    [GeneratedRegex("^(?<what>ov|ov_sum|attention_block_back|attention_nearby|attention_overlap|previous_token|prefix_matching|ablation_rise)_(?<layer>[0-9]+)(_(?<which>max|min|mean|rank_[0-9]+))?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Layered();

    [GeneratedRegex("^(?<what>completed|letters_right|repeat_rate|from_prompt_rate)_(?<kind>distinct|repeated|unrelated)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Prompt();
}
