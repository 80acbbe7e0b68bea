namespace Interp.Host.Pages;

/// <summary>Formulas in MathML, which browsers draw without help.</summary>
internal static class MathMarkup
{
    /// <summary>A formula on a line of its own; scrolls where it is too wide.</summary>
    public static Html Display(params Html[] parts) =>
        Html.Of($"<div class=\"formula\" tabindex=\"0\" role=\"group\" aria-label=\"Formula\"><math display=\"block\"><mrow>{Html.Join(parts)}</mrow></math></div>");

    /// <summary>A formula in running text.</summary>
    public static Html Inline(params Html[] parts) => Html.Of($"<math><mrow>{Html.Join(parts)}</mrow></math>");

    /// <summary>A name: one letter is set in italics, more are set upright.</summary>
    public static Html Name(string name) => Html.Of($"<mi>{name}</mi>");

    public static Html Number(string number) => Html.Of($"<mn>{number}</mn>");

    public static Html Operator(string sign) => Html.Of($"<mo>{sign}</mo>");

    public static Html Row(params Html[] parts) => Html.Of($"<mrow>{Html.Join(parts)}</mrow>");

    public static Html Upright(string words) => Html.Of($"<mtext>{words.Replace(' ', '\u00A0')}</mtext>");

    public static Html Sub(Html body, Html below) => Html.Of($"<msub>{body}{below}</msub>");

    public static Html Sup(Html body, Html above) => Html.Of($"<msup>{body}{above}</msup>");

    public static Html SubSup(Html body, Html below, Html above) => Html.Of($"<msubsup>{body}{below}{above}</msubsup>");

    public static Html Fraction(Html above, Html below) => Html.Of($"<mfrac>{above}{below}</mfrac>");

    public static Html Root(Html body) => Html.Of($"<msqrt>{body}</msqrt>");

    public static Html SumOver(Html index) => Html.Of($"<munder><mo>∑</mo>{index}</munder>");

    /// <summary>The natural logarithm of a number.</summary>
    public static Html Log(int number) => Html.Of($"<mi>ln</mi><mspace width=\"0.2em\"></mspace><mn>{number}</mn>");

    /// <summary>A weight matrix: W with its name below.</summary>
    public static Html Weight(string name) => Sub(Name("W"), Name(name));

    /// <summary>A weight matrix of head h.</summary>
    public static Html HeadWeight(string name) => SubSup(Name("W"), Name(name), Name("h"));
}
