namespace Interp.Pictures;

/// <summary>Every picture of a study over many seeds.</summary>
internal static class SurveyFigureSet
{
    public static IReadOnlyList<Figure> Of(IReadOnlyList<GroupResults> groups) =>
    [
        .. SurveyLossFigures.Of(groups),
        .. SurveyEigenvalueFigure.Of(groups) is { } eigenvalues ? [eigenvalues] : Array.Empty<Figure>(),
        .. GroupResults.Quantities(groups).Select(quantity => DistributionFigure.Of(quantity, groups)).OfType<Figure>(),
    ];
}
