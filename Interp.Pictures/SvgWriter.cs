using System.Globalization;
using System.Xml;

namespace Interp.Pictures;

/// <summary>Items of a picture as elements; on a page by classes instead of colours.</summary>
internal sealed class SvgWriter(XmlWriter xml, string ns, bool onPage)
{
    /// <summary>The colour that an element's class says.</summary>
    private const string CurrentColor = "currentColor";

    /// <summary>All of them, in their order; neighbours that are cut off at the plot's edge, or that are set alike, share what they have in common.</summary>
    public void Write(IReadOnlyList<Item> items, Area area)
    {
        for (var place = 0; place < items.Count;)
        {
            var first = items[place];
            var count = items.Skip(place).TakeWhile(item => item.Inside == first.Inside).Count();
            if (first.Inside)
            {
                // An inner picture cuts off what lies outside of it, and needs no id for that.
                var (left, top, width, height) = (Outline.Number(area.Left), Outline.Number(area.Top), Outline.Number(area.Width), Outline.Number(area.Height));
                Start("svg", ("x", left), ("y", top), ("width", width), ("height", height), ("viewBox", $"{left} {top} {width} {height}"));
            }

            Write(items.Skip(place).Take(count));
            if (first.Inside)
            {
                xml.WriteEndElement();
            }

            place += count;
        }
    }

    private void Write(IEnumerable<Item> items)
    {
        (double, Color, int, bool)? open = null;
        foreach (var item in items)
        {
            (double, Color, int, bool)? style = item is Lettering letters ? (letters.Size, letters.Color, letters.Anchor, letters.Bold) : null;
            if (open is not null && style != open)
            {
                xml.WriteEndElement();
            }

            if (item is Lettering first && style != open)
            {
                Group(first);
            }

            open = style;
            switch (item)
            {
                case Shape shape:
                    Write(shape);
                    break;
                case CellRuns cells:
                    Write(cells);
                    break;
                case Lettering text:
                    Write(text);
                    break;
            }
        }

        if (open is not null)
        {
            xml.WriteEndElement();
        }
    }

    private void Write(Shape shape)
    {
        if (shape is { Fill: not null, Stroke: not null })
        {
            Write(shape with { Stroke = null });
            Write(shape with { Fill = null });
            return;
        }

        Start("path");
        if (shape.Fill is { } fill)
        {
            Paint("fill", fill);
        }

        if (shape.Stroke is { } stroke)
        {
            Attribute("fill", "none");
            Paint("stroke", stroke);
            if (shape.Width != 1)
            {
                Attribute("stroke-width", Outline.Number(shape.Width));
            }

            if (Dashes(shape.Pattern, shape.Width) is { Length: > 0 } dashes)
            {
                Attribute("stroke-dasharray", string.Join(' ', dashes.Select(dash => Outline.Number(dash))));
            }
        }

        Attribute("d", shape.Path);
        xml.WriteEndElement();
    }

    private void Write(CellRuns cells)
    {
        Start(
            "g",
            // The middle of a row is where a line of its cells runs.
            ("transform", $"translate({Outline.Number(cells.Left)} {Outline.Number(cells.Top)})scale({Exact(cells.CellWidth)} {Exact(cells.CellHeight)})translate(0 .5)"),
            ("shape-rendering", "crispEdges"));
        if (onPage)
        {
            Attribute("stroke", CurrentColor);
        }

        foreach (var (color, path) in cells.Levels)
        {
            Start("path");
            if (onPage && color.Name is { } name)
            {
                Attribute("class", $"{SvgRenderer.ClassPrefix}{name}");
            }
            else
            {
                Paint("stroke", color);
            }

            Attribute("d", path);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    /// <summary>What texts of one look have in common.</summary>
    private void Group(Lettering text)
    {
        Start("g");
        Paint("fill", text.Color);
        Attribute("font-size", Outline.Number(text.Size));
        if (text.Bold)
        {
            Attribute("font-weight", "600");
        }

        if (text.Anchor >= 0)
        {
            Attribute("text-anchor", text.Anchor == 0 ? "middle" : "end");
        }
    }

    private void Write(Lettering text)
    {
        Start("text");
        if (text.Upwards)
        {
            Attribute("transform", $"translate({Outline.Number(text.X)} {Outline.Number(text.Y)})rotate(-90)");
        }
        else
        {
            Attribute("x", Outline.Number(text.X));
            Attribute("y", Outline.Number(text.Y));
        }

        xml.WriteString(text.Text);
        xml.WriteEndElement();
    }

    /// <summary>Lengths of strokes and gaps for a line of some width; none where it is whole.</summary>
    internal static double[] Dashes(LinePattern pattern, double width) => pattern switch
    {
        LinePattern.Dashed => [3 + (2 * width), 2 + (1.5 * width)],
        LinePattern.Dotted => [1 + (0.5 * width), 2 + width],
        _ => [],
    };

    private void Paint(string what, Color color)
    {
        if (onPage && color.Name is { } name)
        {
            Attribute("class", $"{SvgRenderer.ClassPrefix}{name}");
            Attribute(what, CurrentColor);
        }
        else
        {
            Attribute(what, color.Hex);
        }

        if (color.Alpha < 1)
        {
            Attribute($"{what}-opacity", Exact(color.Alpha));
        }
    }

    private static string Exact(double value) => Math.Round(value, 4).ToString(CultureInfo.InvariantCulture);

    private void Start(string element, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        xml.WriteStartElement(element, ns);
        foreach (var (name, value) in attributes)
        {
            Attribute(name, value);
        }
    }

    private void Attribute(string name, string value) => xml.WriteAttributeString(name, value);
}
